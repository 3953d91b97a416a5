# SPDX-License-Identifier: MIT
# Completion of yadiskctl for fish.

# What has been typed so far without options and their values: the verb and its arguments. The list names
# all options that take a value.
function __yadiskctl_words
    set -l valued access account client-id client-secret-file flow label min-valid remote scope
    set -l waiting

    for word in (commandline --tokenize --cut-at-cursor --current-process)[2..]
        if set -q waiting[1]
            set waiting
        else if not string match -q -- '-*' $word
            printf '%s\n' $word
        else if contains -- (string sub --start 3 -- $word) $valued
            set waiting $word
        end
    end
end

# Whether the verb is one of these.
function __yadiskctl_is
    set -l words (__yadiskctl_words)
    set -q words[1]; and contains -- $words[1] $argv
end

# Whether the verb is one of these, and its first, second ... argument comes next.
function __yadiskctl_next --argument-names number
    set -l words (__yadiskctl_words)
    test (count $words) -eq $number; and contains -- $words[1] $argv[2..]
end

# Lines of the program's output; fish quotes them as it inserts them.
function __yadiskctl_accounts
    yadiskctl list --names 2>/dev/null
end

# A verb: its name and what it does.
function __yadiskctl_verb
    complete -c yadiskctl -n '__yadiskctl_next 1 help; or not count (__yadiskctl_words) >/dev/null' \
        -a $argv[1] -d $argv[2]
end

# An option: its verb, its name, what it does; behind that -x where it takes a value, -a with the values
# there are, -r where these are files.
function __yadiskctl_option
    complete -c yadiskctl -n "__yadiskctl_is $argv[1]" -l $argv[2] -d $argv[3] $argv[4..]
end

# An argument: whether it is the first, the second ...; the verbs that have it; then as above.
function __yadiskctl_argument
    complete -c yadiskctl -n "__yadiskctl_next $argv[1] $argv[2]" $argv[3..]
end

complete -c yadiskctl -f
complete -c yadiskctl -l json -d 'Write JSON, for programs'
complete -c yadiskctl -s h -l help -d 'Show this help'
complete -c yadiskctl -l version -d 'Show the version'

__yadiskctl_verb status 'Show the state of the accounts'
__yadiskctl_verb list 'List the accounts, one a line'
__yadiskctl_verb watch 'Report every change until Ctrl-C'
__yadiskctl_verb doctor 'Find out what is wrong, and what to do'
__yadiskctl_verb setup 'Register an application at Yandex, the first step'
__yadiskctl_verb login 'Sign in to a Yandex account'
__yadiskctl_verb import 'Take over the tokens of rclone, ydcmd or a JSON file'
__yadiskctl_verb token 'Print the access token and nothing else'
__yadiskctl_verb refresh 'Renew the token now'
__yadiskctl_verb logout 'Sign out and forget the tokens'
__yadiskctl_verb rename 'Give an account another label'
__yadiskctl_verb default 'Make an account the default one'
__yadiskctl_verb apps 'List the applications, add or remove one'
__yadiskctl_verb help 'Show this help, or that of a verb'

__yadiskctl_argument 1 'status token refresh logout rename default' -a '(__yadiskctl_accounts)'
__yadiskctl_argument 1 apps -a 'add remove'
__yadiskctl_argument 1 import -a 'rclone ydcmd json'
__yadiskctl_argument 2 import -F

__yadiskctl_option list names 'Print only the names of the accounts, for completions'

__yadiskctl_option setup access 'Access wanted: disk, webdav or app-folder' -x -a 'disk webdav app-folder'
__yadiskctl_option setup client-id 'The ClientID, where the application is registered already' -x
__yadiskctl_option setup client-secret-file 'Read its client secret from FILE; - is standard input' -r -F
__yadiskctl_option setup no-browser 'Do not open the page, only show its address'

__yadiskctl_option login client-id 'The application to sign in through' -x
__yadiskctl_option login client-secret-file 'Read its client secret from FILE; - is standard input' -r -F
__yadiskctl_option login label 'Name for the account; otherwise it is called by its login' -x
__yadiskctl_option login scope 'Ask for this permission only; may be repeated' -x \
    -a 'cloud_api:disk.info cloud_api:disk.read cloud_api:disk.write cloud_api:disk.app_folder yadisk:disk'
__yadiskctl_option login account 'Sign in again to this account, as its user' -x -a '(__yadiskctl_accounts)'
__yadiskctl_option login flow 'device: enter a code on the page; code: copy one from it' -x -a 'device code'
__yadiskctl_option login no-browser 'Do not open the page, only show its address'
__yadiskctl_option login no-qr 'Do not show a picture of the address to scan'

__yadiskctl_option import remote 'Take the token of this remote of rclone' -x
__yadiskctl_option import client-id 'The application that the tokens belong to' -x
__yadiskctl_option import client-secret-file 'Read its client secret from FILE; - is standard input' -r -F
__yadiskctl_option import label 'Name for the account; otherwise it is called by its login' -x

__yadiskctl_option token min-valid 'How long the token must still be valid: 90, 5min, 2h' -x
__yadiskctl_option token force 'Renew the token first, whatever its age'
__yadiskctl_option token header 'Print a line for an HTTP request: Authorization: OAuth …'

__yadiskctl_option apps client-secret-file 'With add: read the client secret from FILE; - is standard input' -r -F
__yadiskctl_option apps no-check 'With add: do not ask Yandex about it first'

__yadiskctl_option logout keep-grant 'Forget the tokens here, but do not end the access at Yandex'

functions --erase __yadiskctl_verb __yadiskctl_option __yadiskctl_argument

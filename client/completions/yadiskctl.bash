# SPDX-License-Identifier: MIT
# Completion of yadiskctl for bash. Needs nothing but bash itself.
#
# A line for each verb: its options, those with a value as --option=KIND; then a colon, and the KINDs of
# its arguments in their order. A KIND is a function _yadiskctl_offer_KIND below, or the words there are
# to choose from, as in "one|two". An option with nothing behind its "=" wants what cannot be guessed.
_yadiskctl_verbs='
status  : account
list    --names :
watch   :
doctor  :
setup   --access=disk|webdav|app-folder --client-id= --client-secret-file=file --no-browser :
login   --client-id= --client-secret-file=file --label= --scope=scope --account=account --flow=device|code --no-browser --no-qr :
import  --remote= --client-id= --client-secret-file=file --label= : rclone|ydcmd|json file
token   --min-valid= --force --header : account
refresh : account
logout  --keep-grant : account
rename  : account
default : account
apps    --client-secret-file=file --no-check : add|remove
help    : verb
'
_yadiskctl_common='--json --help --version'

# What every function below works on: the words before the one that is being typed, as yadiskctl would
# get them; that one so far; the quote it is in; and how much of it readline has put aside, since it takes
# "=", ":" and "@" for the end of a word.
_yadiskctl_split() {
        local line=${COMP_LINE:0:COMP_POINT} c i

        words=() typed='' aside=0 quote=''
        for ((i = 0; i < ${#line}; i++)); do
                c=${line:i:1}
                case $quote$c in
                \\?) typed+=$c quote='' ;;
                \'\' | \"\") quote='' ;;
                \'? | \"[!\\]) typed+=$c ;;
                \"\\) typed+=${line:++i:1} ;;
                \\ | \' | \") quote=$c ;;
                [[:blank:]]) [[ $typed ]] && words+=("$typed"); typed='' aside=0 ;;
                [=:@]) typed+=$c aside=${#typed} ;;
                *) typed+=$c ;;
                esac
        done
}

# The line of the verb, or nothing.
_yadiskctl_line_of() {
        local line

        while read -r line; do
                [[ ${line%% *} == "$1" ]] && printf '%s' "${line#* }"
        done <<<"$_yadiskctl_verbs"
}

# Offers a word where it continues what has been typed. Never compgen -W, which expands its words: a
# label is whatever somebody has called an account.
_yadiskctl_offer() {
        local word

        for word; do
                [[ $word == "$typed"* ]] && COMPREPLY+=("${word:aside}")
        done
}

# Lines of the program's output, quoted: readline would quote them as the names of files, and leave what
# it expands in these, such as "$". Within quotes that were begun nothing is offered.
_yadiskctl_offer_output() {
        local line

        [[ $quote ]] && return
        while IFS= read -r line; do
                [[ $line == "$typed"* ]] && COMPREPLY+=("$(printf '%q' "${line:aside}")")
        done < <(yadiskctl "$@" 2>/dev/null)
}

_yadiskctl_offer_account() {
        _yadiskctl_offer_output list --names
}

_yadiskctl_offer_scope() {
        _yadiskctl_offer cloud_api:disk.{info,read,write,app_folder} yadisk:disk
}

_yadiskctl_offer_verb() {
        local verb

        while read -r verb _; do
                [[ $verb ]] && _yadiskctl_offer "$verb"
        done <<<"$_yadiskctl_verbs"
}

# Readline does it where nothing else is offered.
_yadiskctl_offer_file() {
        compopt -o default 2>/dev/null
}

_yadiskctl_offer_kind() {
        local -a choice

        if [[ $(type -t "_yadiskctl_offer_$1") == function ]]; then
                "_yadiskctl_offer_$1"
        elif [[ $1 ]]; then
                IFS='|' read -ra choice <<<"$1"
                _yadiskctl_offer "${choice[@]}"
        fi
}

_yadiskctl_offer_options() {
        _yadiskctl_offer "${options[@]%%=*}" $_yadiskctl_common
}

# Sets kind to what is behind the "=" of an option; fails where it takes no value.
_yadiskctl_takes_value() {
        local option

        for option in "${options[@]}"; do
                [[ $option == "$1="* ]] && kind=${option#*=} && return
        done
        return 1
}

_yadiskctl_begin_verb() {
        local line

        verb=$1
        line=$(_yadiskctl_line_of "$verb")
        read -ra options <<<"${line%%:*}"
        read -ra arguments <<<"${line#*:}"
}

# Goes through the words. At the end kind is that of the word which comes next, and waiting whether it is
# the value of an option.
_yadiskctl_walk() {
        local word n=0

        for word in "${words[@]:1}"; do
                if [[ $waiting ]]; then
                        waiting=''
                elif [[ $word == -* ]]; then
                        _yadiskctl_takes_value "$word" && waiting=yes
                elif [[ ! $verb ]]; then
                        _yadiskctl_begin_verb "$word"
                else
                        n=$((n + 1))
                fi
        done
        [[ $waiting ]] && return
        kind=verb
        [[ $verb ]] && kind=${arguments[n]-}
}

_yadiskctl() {
        local typed='' aside=0 quote='' verb='' kind='' waiting='' value
        local -a words=() options=() arguments=()

        COMPREPLY=()
        _yadiskctl_split
        _yadiskctl_walk
        if [[ ! $waiting && $typed == --*=* ]] && _yadiskctl_takes_value "${typed%%=*}"; then
                value=${typed#*=} aside=$((aside - ${#typed} + ${#value})) typed=$value
                ((aside >= 0)) || aside=0
                _yadiskctl_offer_kind "$kind"
        elif [[ ! $waiting && $typed == -* ]]; then
                _yadiskctl_offer_options
        else
                _yadiskctl_offer_kind "$kind"
        fi
}

complete -F _yadiskctl yadiskctl

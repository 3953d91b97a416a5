# SPDX-License-Identifier: MIT
# Completion of yadiskctl for fish. "yadiskctl complete" knows what comes next: it prints a line for each
# word, with its description behind a tab. A line that begins with a tab asks for the name of a file, or of a program if it says so.

function __yadiskctl_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l typed (commandline --current-token --cut-at-cursor)

    for line in (yadiskctl complete -- $words[2..] "$typed" 2>/dev/null)
        if string match -q -- \tCOMMAND $line
            complete --do-complete "$typed"
        else if string match -q -- \t'*' $line
            set -l option (string match --regex -- '^--[^=]*=' "$typed")
            for file in (__fish_complete_path (string replace -- "$option" '' "$typed"))
                printf '%s%s\n' "$option" $file
            end
        else
            printf '%s\n' $line
        end
    end
end

complete -c yadiskctl -f -a '(__yadiskctl_complete)'

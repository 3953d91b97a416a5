# SPDX-License-Identifier: MIT
# Completion of yadiskctl for bash. Needs nothing but bash itself. "yadiskctl complete" knows what comes
# next: it prints a line for each word, with its description behind a tab. A line that begins with a tab asks
# for the name of a file, or of a program if it says so.

# What the functions below work on: the words before the one that is being typed, as yadiskctl would get them;
# that one so far; the quote it is in; and how much of it readline has put aside, since it takes "=", ":" and "@"
# for the end of a word.
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

# Offers a word if it continues what has been typed. The word is quoted here: readline would quote it as the name
# of a file, and leave what the shell expands, such as "$". Within quotes that were begun it is only offered if it
# needs none. Never use compgen -W, which expands its words: a label is whatever a user has called an account.
_yadiskctl_offer() {
        local quoted

        [[ $1 == "$typed"* ]] || return
        printf -v quoted '%q' "${1:aside}"
        [[ $quote && $quoted != "${1:aside}" ]] || COMPREPLY+=("$quoted")
}

_yadiskctl() {
        local typed='' aside=0 quote='' line
        local -a words=()

        COMPREPLY=()
        _yadiskctl_split
        while IFS= read -r line; do
                if [[ $line == $'\tCOMMAND' && $typed != */* ]]; then
                        mapfile -t COMPREPLY < <(compgen -c -- "$typed")
                elif [[ $line == $'\t'* ]]; then
                        compopt -o default 2>/dev/null # readline completes it
                else
                        _yadiskctl_offer "${line%%$'\t'*}"
                fi
        done < <(yadiskctl complete -- "${words[@]:1}" "$typed" 2>/dev/null)
}

complete -F _yadiskctl yadiskctl

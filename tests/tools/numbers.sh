#!/bin/sh
# Numbers of a tree, to compare two: sh tests/tools/numbers.sh [TREE]. Functions of the library by
# length and complexity (pmccabe, traditional count), what is installed, lines of README.md, lines that
# stand twice, the way of one INVITE.
set -u
tree=${1:-.}
tools=$PWD/tests/tools
here=$PWD
B=${B:-build}
case $B in /*) ;; *) B=$here/$B ;; esac
mkdir -p "$B/numbers"
cd "$tree" || exit 1
library=$(ls sip/*.c sip/*/*.c sdp/*.c digest/*.c transport/*.c 2>/dev/null)
headers=$(ls sip/*.h sip/*/*.h sdp/*.h digest/*.h transport/*.h 2>/dev/null)
if [ -f tests/tools/border.sh ]; then
    public=$(sh tests/tools/border.sh)
else
    public=$(echo "$headers" | grep -v '_internal\.h$')
fi

pmccabe $library | awk '
    { length_of[NR] = $5; complexity[NR] = $2 }
    $5 > 15 { over15++ } $5 > 30 { over30++ } $5 > 45 { over45++ }
    $2 > 10 { c10++ } $2 > 15 { c15++ }
    $5 > longest { longest = $5 } $2 > worst { worst = $2 }
    END {
        for (i = 1; i <= NR; i++) at[length_of[i]]++
        for (l = 0; sum * 2 < NR; l++) sum += at[l]
        printf "functions: %d; median %d lines, %d over 15, %d over 30, %d over 45, longest %d\n",
            NR, l - 1, over15, over30, over45, longest
        printf "complexity: %d over 10, %d over 15, worst %d\n", c10, c15, worst
    }'
wc -l $library $headers | awk '$2 != "total" { n++; sum += $1; if ($1 > 600) over++ }
    END { printf "files of the library: %d, %d lines; %d over 600 lines\n", n, sum, over }'
for h in $public; do printf '#include "%s"\n' "$h"; done >"$B/numbers/all.c"
${CC:-cc} -std=c11 -I. -E "$B/numbers/all.c" | awk -v only=function -f "$tools/names.awk" -f "$tools/public_names.awk" |
    LC_ALL=C sort -u >"$B/numbers/functions"
inline=$(cat $public | grep -cE '^(static inline|PS_ALWAYS_INLINE)')
echo "installed: $(echo "$public" | wc -l) headers, $(wc -l <"$B/numbers/functions") functions, of which $inline inline"
echo "README.md: $(wc -l <README.md) lines"
echo "lines that stand twice: library $(awk -f "$tools/duplicates.awk" $library $headers), with apps, tests and fuzz $(
    awk -f "$tools/duplicates.awk" $library $headers apps/*.[ch] fuzz/*.[ch] tests/*/*.[ch])"
cd "$here" && B=$B sh tests/tools/walk.sh "$tree"

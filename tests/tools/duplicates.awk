# Counts lines that stand twice: each line of a run of WINDOW (default 5) lines that also stands
# elsewhere, in another file or the same. Blank lines, comments, includes and lone brackets are passed
# over, indentation does not count. Prints the sum; with -v places=1 each place, too.
#   awk [-v window=5] [-v places=1] -f duplicates.awk FILE...

BEGIN { if (!window) window = 5 }
FNR == 1 { in_comment = 0 }
{
    line = $0
    gsub(/^[ \t]+|[ \t]+$/, "", line)
    if (in_comment) {
        if (line ~ /\*\//) in_comment = 0
        next
    }
    if (line ~ /^\/\*/) {
        if (line !~ /\*\//) in_comment = 1
        next
    }
    if (line == "" || line ~ /^#[ \t]*(include|endif|ifdef|ifndef)/ || line ~ /^[{}();]+$/) next
    text[++n] = line
    file[n] = FILENAME
    number[n] = FNR
}
END {
    for (i = 1; i + window - 1 <= n; i++) {
        if (file[i] != file[i + window - 1]) continue
        key = text[i]
        for (k = 1; k < window; k++) key = key "\n" text[i + k]
        if (!(key in first)) {
            first[key] = i
            continue
        }
        for (k = 0; k < window; k++) {
            twice[i + k] = 1
            twice[first[key] + k] = 1
        }
        if (places) print file[i] ":" number[i] " as " file[first[key]] ":" number[first[key]]
    }
    for (i in twice) sum++
    print sum + 0
}

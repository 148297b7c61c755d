#!/bin/sh
# Which rows of tests/rules/ROWS.md have a test: a row has one when a test that its Check program runs
# is named for it (A1_..., C1_C2_...: both). The rows that wait for a stream transport are counted with
# those that have none. A test that is named for a row which is not there fails.
set -u
cat tests/unit/test_*.c tests/sim/test_*.c | awk '
    FNR == NR {
        if (/^\| [A-H][0-9]+ \|/) {
            row[++rows] = $2
            known[$2] = 1
        }
        next
    }
    /tcase_add_(loop_)?test\(/ {
        name = $0
        sub(/^[^,]*, */, "", name)
        while (match(name, /^[A-H][0-9]+_/)) {
            has[substr(name, 1, RLENGTH - 1)] = 1
            name = substr(name, RLENGTH + 1)
        }
    }
    END {
        for (i = 1; i <= rows; i++)
            if (row[i] in has) good++; else none = none " " row[i]
        print "rows: " good + 0 " of " rows " have a test; none:" (none == "" ? " -" : none)
        for (r in has)
            if (!(r in known)) {
                print "rows: a test is named for " r ", which is no row"
                bad = 1
            }
        exit bad || !rows
    }' tests/rules/ROWS.md -

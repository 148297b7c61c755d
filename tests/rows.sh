#!/bin/sh
# Which rows of the table of transaction, dialog and transport behaviour have a test: a row has one
# when a test that its Check program runs is named for it (A1_..., C1_C2_...: both). The rows that
# wait for a stream transport are counted with those that have none.
set -u
cat tests/unit/test_*.c tests/sim/test_*.c | awk '
    BEGIN {
        split("A 16 B 10 C 8 D 20 E 7 F 11 G 15 H 16", n, " ")
        for (i = 1; i < 17; i += 2)
            for (k = 1; k <= n[i + 1]; k++) row[++rows] = n[i] k
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
    }'

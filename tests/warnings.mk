# Sets what every makefile asks of the compiler. A warning is an error under WERROR=1 alone, which CI
# sets: a newer compiler's new warning must not break the build of whoever only wants the library.
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes \
    $(if $(filter-out 0 no,$(WERROR)),-Werror)

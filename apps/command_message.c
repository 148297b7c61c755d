/*
 * plainsip message: sends one instant message (RFC 3428).
 */
#include "one_request.h"

static const char usage[] = "usage: plainsip message URI TEXT [OPTION...]\n"
                            "\n"
                            "Sends TEXT by one MESSAGE; prints \"status CODE REASON\".\n"
                            "Exit status: 0 a 2xx, 1 refused, 3 no answer.\n"
                            "\n" APP_ONE_REQUEST_USAGE "\n"
                            "Example:\n"
                            "  plainsip message sip:bob@127.0.0.1:5060 'on my way'\n";

int app_message(int argc, char **argv)
{
    static struct app_one_request r;
    const char *arguments[2];
    const struct app_cli cli = {"message", usage, NULL, NULL, 2, NULL};
    int status = app_one_request_options(&r, &cli, argc, argv, arguments);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    r.request.method = PS_S("MESSAGE");
    r.request.uri = ps_slice_of(arguments[0]);
    r.request.type = PS_S("text/plain;charset=UTF-8");
    r.request.body = ps_slice_of(arguments[1]);
    return app_one_request_run(&r);
}

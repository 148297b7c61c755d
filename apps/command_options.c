/*
 * plainsip options: asks what the other side can do (RFC 3261 11), or whether it is there.
 */
#include "one_request.h"

static const char usage[] = "usage: plainsip options URI [OPTION...]\n"
                            "\n"
                            "Sends one OPTIONS; prints \"status CODE REASON\" and what the other\n"
                            "side says of itself. Exit status: 0 a 2xx, 1 refused, 3 no answer.\n"
                            "\n" APP_ONE_REQUEST_USAGE "\n"
                            "Example:\n"
                            "  plainsip options sip:127.0.0.1:5060\n";

int app_options_command(int argc, char **argv)
{
    static struct app_one_request r;
    const char *arguments[1];
    const struct app_cli cli = {"options", usage, NULL, NULL, 1, NULL};
    int status = app_one_request_options(&r, &cli, argc, argv, arguments);
    if (status)
        return status == APP_HELPED ? APP_OK : status;
    r.request.method = PS_S("OPTIONS");
    r.request.uri = ps_slice_of(arguments[0]);
    r.request.lines = PS_S("Accept: application/sdp\r\n");
    r.request.contact = true;
    r.print_headers = true;
    return app_one_request_run(&r);
}

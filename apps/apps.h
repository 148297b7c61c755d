/*
 * Declares what the sub-commands share: exit statuses and their entry points.
 */
#ifndef APPS_H
#define APPS_H

enum app_status {
    APP_OK = 0,     /* done */
    APP_NO = 1,     /* the answer is no: invalid, refused, different */
    APP_USAGE = 2,  /* the command line or a file is wrong */
    APP_TIMEOUT = 3 /* nobody answered in time */
};

struct app_command {
    const char *name;
    const char *summary;               /* one line for plainsip --help */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

int app_answer(int argc, char **argv);
int app_call(int argc, char **argv);
int app_demo(int argc, char **argv);
int app_digest(int argc, char **argv);
int app_message(int argc, char **argv);
int app_options_command(int argc, char **argv);
int app_parse(int argc, char **argv);
int app_register(int argc, char **argv);
int app_sdp(int argc, char **argv);
int app_serve(int argc, char **argv);
int app_states(int argc, char **argv);
int app_subscribe(int argc, char **argv);
int app_uri(int argc, char **argv);

#endif

/*
 * Covers the registrar (RFC 3261 10.3) through a whole stack: what a REGISTER changes and what it
 * answers, "*", order by Call-ID and CSeq, expiry to the millisecond and before its timer, all or
 * nothing, its limits, lists that no 200 can hold; domains, the parameters of Contacts, Path (RFC
 * 3327), Date, how many Contacts fit a redirection.
 * Does not cover: who may register (Digest's tests), the registering side (test_registration.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

static struct world w;
static struct station *st;
static unsigned cseq;
static bool is_late;

static void on_event(struct station *at, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST && event->message->method == PS_METHOD_REGISTER)
        (void)ps_registrar_register(at->stack, event->transaction);
}

static void with_limits(const struct ps_limits *limits)
{
    world_start(&w, 3);
    st = station_add(&w, "192.0.2.1:5060", "", limits, NULL);
    st->on_event = on_event;
    cseq = 0;
    is_late = false;
}

static void setup(void)
{
    with_limits(NULL);
}

static void teardown(void)
{
    world_free(&w);
}

static uint32_t live(void)
{
    return ps_stack_live(st->stack).bindings;
}

/* Lets time pass, and no timer run before the next REGISTER is handled. */
static void late(uint64_t ms)
{
    w.now += ms;
    ps_stack_set_now(st->stack, w.now);
    is_late = true;
}

static void deliver(struct ps_slice bytes)
{
    struct ps_flow flow = {.local = st->address, .remote = world_address("192.0.2.2:5060")};
    if (!is_late)
        world_run(&w, w.now);
    is_late = false;
    ck_assert_int_eq(ps_stack_receive(st->stack, w.now, &flow, bytes), PS_OK);
    station_pull(st);
}

/* Sends a REGISTER for `aor`: the status of its answer. */
static unsigned as(const char *aor, const char *call_id, unsigned number, const char *lines)
{
    char text[8192];
    int n = snprintf(text, sizeof text,
                     "REGISTER sip:example.org SIP/2.0\r\n"
                     "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK-%s-%u\r\n"
                     "Max-Forwards: 70\r\nFrom: <sip:a@example.org>;tag=f\r\nTo: <%s>\r\n"
                     "Call-ID: %s\r\nCSeq: %u REGISTER\r\n%sContent-Length: 0\r\n\r\n",
                     call_id, number, aor, call_id, number, lines);
    unsigned before = w.log.n;
    deliver(ps_slice(text, (size_t)n));
    ck_assert_uint_eq(w.log.n, before + 1);
    return (unsigned)atoi(w.log.sent[before].text + 8);
}

static unsigned registers(const char *lines)
{
    return as("sip:a@example.org", "call", ++cseq, lines);
}

/* Does the last answer have this Contact line, and how many in all? */
static bool lists(const char *contact)
{
    return strstr(sent_last(&w.log, "")->text, contact) != NULL;
}

static unsigned listed(void)
{
    unsigned n = 0;
    while (*nth_header_of(sent_last(&w.log, ""), PS_H_CONTACT, n))
        n++;
    return n;
}

START_TEST(step_8_the_answer_lists_all_bindings)
{
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=100;q=0.25\r\n"), 200);
    ck_assert(lists("Contact: <sip:a@192.0.2.5>;q=0.250;expires=100\r\n"));
    world_run(&w, 10500);
    ck_assert_uint_eq(registers("Contact: sip:a@192.0.2.6\r\nExpires: 200\r\n"), 200);
    ck_assert_uint_eq(listed(), 2);
    ck_assert(lists("Contact: <sip:a@192.0.2.6>;expires=200\r\n"));
    ck_assert(lists("Contact: <sip:a@192.0.2.5>;q=0.250;expires=90\r\n")); /* 89.5 s are left */
}
END_TEST

START_TEST(step_7_a_query_changes_nothing)
{
    ck_assert_uint_eq(registers(""), 200);
    ck_assert_uint_eq(listed(), 0);
    registers("Contact: <sip:a@192.0.2.5>;expires=100\r\n");
    ck_assert_uint_eq(registers(""), 200);
    ck_assert_uint_eq(listed(), 1);
    ck_assert_uint_eq(live(), 1);
}
END_TEST

START_TEST(step_7_how_long)
{
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>\r\n"), 200);
    ck_assert(lists(";expires=3600\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=100\r\nExpires: 900\r\n"), 200);
    ck_assert(lists(";expires=100\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=4294967295\r\n"), 200);
    ck_assert(lists(";expires=7200\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=60\r\n"), 200);
    ck_assert(lists(";expires=60\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=59\r\n"), 423);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_MIN_EXPIRES), "60");
    ck_assert_uint_eq(listed(), 0);
    registers("");
    ck_assert(lists(";expires=60\r\n"));
    ps_registrar_set_expires(st->stack, 5, 50, 20);
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    ck_assert(lists(";expires=20\r\n"));
    registers("Contact: <sip:a@192.0.2.5>;expires=51\r\n");
    ck_assert(lists(";expires=50\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=4\r\n"), 423);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_MIN_EXPIRES), "5");
}
END_TEST

START_TEST(a_binding_ends_at_its_time)
{
    registers("Contact: <sip:a@192.0.2.5>;expires=100\r\n");
    world_run(&w, 99999);
    ck_assert_uint_eq(live(), 1);
    world_run(&w, 100000);
    ck_assert_uint_eq(live(), 0);
    registers("");
    ck_assert_uint_eq(listed(), 0);
    registers("Contact: <sip:a@192.0.2.5>;expires=100\r\n"); /* refreshed: counted from then */
    world_run(&w, 190000);
    registers("Contact: <sip:a@192.0.2.5>;expires=100\r\n");
    world_run(&w, 289999);
    ck_assert_uint_eq(live(), 1);
    world_run(&w, 290000);
    ck_assert_uint_eq(live(), 0);
    world_run(&w, 330000);
    station_expect_empty(st);
}
END_TEST

START_TEST(rfc3261_19_1_4_equal_contacts_are_one)
{
    registers("Contact: <sip:a@EXAMPLE.com;transport=udp>;expires=100\r\n");
    registers("Contact: <sip:%61@example.com;Transport=UDP>;expires=200\r\n");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists("<sip:%61@example.com;Transport=UDP>;expires=200\r\n"));
    registers("Contact: <sip:a@example.com>;expires=200\r\n"); /* another: no transport */
    ck_assert_uint_eq(listed(), 2);
    registers("Contact: <sip:a@example.com>;expires=0\r\n");
    ck_assert_uint_eq(listed(), 1);
}
END_TEST

START_TEST(step_5_an_address_of_record_is_canonical)
{
    as("sip:bob@Example.ORG;user=phone", "x", 1, "Contact: <sip:b@192.0.2.5>\r\n");
    as("sip:%62ob@example.org", "y", 1, "");
    ck_assert_uint_eq(listed(), 1);
    as("sip:Bob@example.org", "z", 1, ""); /* users' names keep their case */
    ck_assert_uint_eq(listed(), 0);
    as("sip:bob@example.org:5070", "u", 1, "");
    ck_assert_uint_eq(listed(), 0);
    ck_assert_uint_eq(as("tel:+1234", "t", 1, ""), 404);
}
END_TEST

START_TEST(step_6_star_removes_all_of_this_address_of_record)
{
    registers("Contact: <sip:a@192.0.2.5>, <sip:a@192.0.2.6>\r\n");
    as("sip:b@example.org", "other", 1, "Contact: <sip:b@192.0.2.7>\r\n");
    ck_assert_uint_eq(live(), 3);
    ck_assert_uint_eq(registers("Contact: *\r\nExpires: 0\r\n"), 200);
    ck_assert_uint_eq(listed(), 0);
    ck_assert_uint_eq(live(), 1);
}
END_TEST

START_TEST(step_6_star_stands_alone_and_with_expires_0)
{
    static const char *const wrong[] = {
        "Contact: *\r\n", "Contact: *\r\nExpires: 1\r\n",
        "Contact: *\r\nContact: <sip:a@192.0.2.6>\r\nExpires: 0\r\n",
        "Contact: <sip:a@192.0.2.6>, *\r\nExpires: 0\r\n", "Contact: *, *\r\nExpires: 0\r\n"};
    unsigned i;
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_uint_eq(registers(wrong[i]), 400);
    ck_assert_uint_eq(live(), 1);
}
END_TEST

START_TEST(step_6_and_7_order_within_a_call_id)
{
    ck_assert_uint_eq(
        as("sip:a@example.org", "one", 7, "Contact: <sip:a@192.0.2.5>;expires=100\r\n"), 200);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 6, "Contact: <sip:a@192.0.2.5>;expires=0\r\n"),
                      500);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 5, "Contact: *\r\nExpires: 0\r\n"), 500);
    ck_assert_uint_eq(live(), 1);
    /* another Call-ID is another phone, or the same one started again: its CSeq says nothing */
    ck_assert_uint_eq(
        as("sip:a@example.org", "two", 3, "Contact: <sip:a@192.0.2.5>;expires=200\r\n"), 200);
    ck_assert(lists(";expires=200\r\n"));
    ck_assert_uint_eq(
        as("sip:a@example.org", "two", 2, "Contact: <sip:a@192.0.2.5>;expires=300\r\n"), 500);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 1, "Contact: *\r\nExpires: 0\r\n"), 200);
    ck_assert_uint_eq(live(), 0);
}
END_TEST

START_TEST(all_or_nothing_where_one_is_wrong)
{
    as("sip:a@example.org", "one", 9, "Contact: <sip:a@192.0.2.5>;expires=100\r\n");
    ck_assert_uint_eq(as("sip:a@example.org", "one", 8,
                         "Contact: <sip:a@192.0.2.6>, <sip:a@192.0.2.5>;expires=0\r\n"),
                      500);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 10,
                         "Contact: <sip:a@192.0.2.6>, <sip:a@192.0.2.7>;expires=10\r\n"),
                      423);
    ck_assert_uint_eq(live(), 1);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 11,
                         "Contact: <sip:a@192.0.2.6>, <sip:a@192.0.2.5>;expires=0\r\n"),
                      200);
    ck_assert_uint_eq(live(), 1);
    ck_assert(lists("<sip:a@192.0.2.6>"));
}
END_TEST

START_TEST(a_contact_named_twice_counts_as_its_last)
{
    registers("Contact: <sip:a@192.0.2.5>;expires=100, <sip:a@192.0.2.5>;expires=200\r\n");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists(";expires=200\r\n"));
    registers("Contact: <sip:a@192.0.2.5>;expires=0, <sip:a@192.0.2.5>;expires=300\r\n");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists(";expires=300\r\n"));
    registers("Contact: <sip:a@192.0.2.5>;expires=300, <sip:a@192.0.2.5>;expires=0\r\n");
    ck_assert_uint_eq(live(), 0);
}
END_TEST

START_TEST(q_of_each_form)
{
    registers(
        "Contact: <sip:a@192.0.2.5>;q=0, <sip:a@192.0.2.6>;q=1.000, <sip:a@192.0.2.7>;q=0.5\r\n");
    ck_assert(lists("<sip:a@192.0.2.5>;q=0.000;"));
    ck_assert(lists("<sip:a@192.0.2.6>;q=1.0;"));
    ck_assert(lists("<sip:a@192.0.2.7>;q=0.500;"));
}
END_TEST

START_TEST(the_contacts_of_a_redirection_have_no_expires)
{
    char text[256];
    struct ps_writer lines = ps_writer(text, sizeof text);
    registers("Contact: <sip:a@192.0.2.5>;q=0.5\r\n");
    ck_assert_uint_eq(
        ps_registrar_contacts(st->stack, PS_S("sip:a@example.org"), true, SIZE_MAX, &lines), 1);
    ck_assert(ps_equal(ps_written(&lines), PS_S("Contact: <sip:a@192.0.2.5>;q=0.500\r\n")));
    ck_assert_uint_eq(ps_registrar_contacts(st->stack, PS_S("mailto:a@b"), true, SIZE_MAX, &lines),
                      0);
}
END_TEST

START_TEST(rfc3261_19_1_4_escapes_in_a_user)
{
    as("sip:a%40b@example.org", "x", 1, "Contact: <sip:x@192.0.2.5>\r\n");
    as("sip:a%20c@example.org", "y", 1, "Contact: <sip:y@192.0.2.5>\r\n");
    as("sip:a@example.org", "z", 1, ""); /* neither of them */
    ck_assert_uint_eq(listed(), 0);
    as("sip:b@example.org", "z", 2, "");
    ck_assert_uint_eq(listed(), 0);
    as("sip:ab@example.org", "z", 8, "");
    ck_assert_uint_eq(listed(), 0);
    as("sip:%61%40%62@example.org", "z", 3, "");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists("<sip:x@192.0.2.5>"));
    as("sip:a%20c@example.org", "z", 4, "");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists("<sip:y@192.0.2.5>"));
    as("sip:a%20@example.org", "z", 5, ""); /* the escape at the very end */
    ck_assert_uint_eq(listed(), 0);
    as("sip:a%2520c@example.org", "z", 6, ""); /* unescaped once */
    ck_assert_uint_eq(listed(), 0);
    as("sip:a%40B@example.org", "z", 7, "");
    ck_assert_uint_eq(listed(), 0);
}
END_TEST

/* ---- domains ---- */

static bool serves(void *context, const struct ps_uri *uri)
{
    (void)context;
    return ps_equal_nocase(uri->host, PS_S("example.org")) ||
           ps_equal_nocase(uri->host, PS_S("192.0.2.1"));
}

START_TEST(rfc3261_10_3_step_5_users_of_the_domains_are_one)
{
    static const char *const same[] = {"sip:alice@example.org", "sip:alice@EXAMPLE.org:5060",
                                       "sip:alice@192.0.2.1:7000;x=y", "sips:alice@example.org",
                                       "sip:%61lice@192.0.2.1;user=phone"};
    unsigned i;
    ps_registrar_set_domain(st->stack, serves, NULL);
    for (i = 0; i < sizeof same / sizeof *same; i++) {
        char contact[64];
        snprintf(contact, sizeof contact, "Contact: <sip:a@192.0.2.%u>\r\n", 10 + i);
        ck_assert_uint_eq(as(same[i], "dom", i + 1, contact), 200);
        ck_assert_uint_eq(listed(), i + 1);
    }
    ck_assert_uint_eq(as("sip:bob@example.org", "dom", 9, ""), 200);
    ck_assert_uint_eq(listed(), 0);
    ck_assert_uint_eq(as("sip:alice@example.com", "dom", 10, "Contact: <sip:a@192.0.2.5>\r\n"),
                      404);
    ck_assert_uint_eq(as("sip:alice@sub.example.org", "dom", 11, ""), 404);
}
END_TEST

/* A user who invents spellings has no more than anybody. */
START_TEST(bindings_of_one_user_are_bounded_over_all_spellings)
{
    struct ps_limits limits = world_limits();
    unsigned i;
    limits.bindings = 4 * PS_MAX_CONTACTS;
    limits.kept[0].count = 8 * PS_MAX_CONTACTS;
    teardown();
    with_limits(&limits);
    ps_registrar_set_domain(st->stack, serves, NULL);
    for (i = 0; i < 3 * PS_MAX_CONTACTS; i++) {
        char aor[64], contact[64];
        snprintf(aor, sizeof aor, "sip:alice@%s:%u;p=%u", i % 2 ? "example.org" : "192.0.2.1",
                 1000 + i, i);
        snprintf(contact, sizeof contact, "Contact: <sip:a@192.0.2.%u>\r\n", 10 + i);
        ck_assert_uint_eq(as(aor, "many", i + 1, contact), i < PS_MAX_CONTACTS ? 200 : 403);
        world_run(&w, w.now + 33000);
    }
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
}
END_TEST

/* ---- what comes back ---- */

START_TEST(parameters_of_a_contact_come_back_as_registered)
{
    char text[512];
    struct ps_writer lines = ps_writer(text, sizeof text - 1);
    registers("Contact: \"A\" <sip:a@192.0.2.5;ob>;reg-id=1;q=0.5 ;\r\n"
              " +sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\" ; Expires = 100;"
              "audio;Methods=\"INVITE,\r\n BYE\";x=\"a\\\";b\"\r\n");
    ck_assert(lists("Contact: <sip:a@192.0.2.5;ob>;q=0.500;reg-id=1;"
                    "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";"
                    "audio;Methods=\"INVITE, BYE\";x=\"a\\\";b\";expires=100\r\n"));
    ck_assert_uint_eq(
        ps_registrar_contacts(st->stack, PS_S("sip:a@example.org"), true, SIZE_MAX, &lines), 1);
    text[lines.n] = '\0';
    ck_assert_str_eq(text, "Contact: <sip:a@192.0.2.5;ob>;q=0.500;reg-id=1;"
                           "+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\";"
                           "audio;Methods=\"INVITE, BYE\";x=\"a\\\";b\"\r\n");
    /* a refresh with others: those count */
    registers("Contact: <sip:a@192.0.2.5;ob>;reg-id=2;expires=100\r\n");
    ck_assert(lists("Contact: <sip:a@192.0.2.5;ob>;reg-id=2;expires=100\r\n"));
    ck_assert_uint_eq(listed(), 1);
}
END_TEST

/* The same octets, parted elsewhere: another Contact, that is equal to the first (19.1.4). */
START_TEST(a_parameter_that_moves_into_the_uri)
{
    registers("Contact: <sip:a@192.0.2.5>;y\r\n");
    registers("Contact: <sip:a@192.0.2.5;y>\r\n");
    ck_assert_uint_eq(listed(), 1);
    ck_assert(lists("Contact: <sip:a@192.0.2.5;y>;expires="));
}
END_TEST

START_TEST(rfc3327_5_3_path_is_kept_and_echoed_where_it_is_supported)
{
    struct ps_bound bound[PS_MAX_CONTACTS];
    const struct ps_stack *r = st->stack;
    ck_assert_uint_eq(registers("Path: <sip:p1.example.com;lr>,\r\n <sip:p2.example.com;lr>\r\n"
                                "Path: <sip:p3.example.com;lr>\r\n"
                                "Supported: path\r\nContact: <sip:a@192.0.2.5>\r\n"),
                      200);
    ck_assert(lists("<sip:p2.example.com;lr>"));
    ck_assert(lists("Path: <sip:p3.example.com;lr>\r\n"));
    ck_assert_uint_eq(ps_registrar_bindings(r, PS_S("sip:a@example.org"), bound), 1);
    ck_assert(ps_equal(bound[0].path, PS_S("<sip:p1.example.com;lr>, <sip:p2.example.com;lr>, "
                                           "<sip:p3.example.com;lr>")));
    ck_assert(ps_equal(bound[0].contact, PS_S("sip:a@192.0.2.5")));
    ck_assert_uint_eq(bound[0].seconds, 3600);
    ck_assert_uint_eq(bound[0].q, 1000);
    /* not said to be supported: kept all the same, and not echoed; another one takes its place */
    registers("Path: <sip:p4.example.com;lr>\r\nContact: <sip:a@192.0.2.5>\r\n");
    ck_assert(!lists("Path:"));
    ck_assert_uint_eq(ps_registrar_bindings(r, PS_S("sip:a@example.org"), bound), 1);
    ck_assert(ps_equal(bound[0].path, PS_S("<sip:p4.example.com;lr>")));
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    ck_assert_uint_eq(ps_registrar_bindings(r, PS_S("sip:a@example.org"), bound), 1);
    ck_assert_uint_eq(bound[0].path.n, 0);
}
END_TEST

START_TEST(step_8_date_where_somebody_says_it)
{
    struct ps_stack *r = st->stack;
    registers("");
    ck_assert(!lists("Date:"));
    ck_assert_int_eq(ps_registrar_set_date(r, PS_S("Sat, 13 Nov 2010 23:29:00 GMT")), PS_OK);
    registers("");
    ck_assert(lists("Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n"));
    ck_assert_int_eq(ps_registrar_set_date(r, PS_S("Saturday, 13 November 2010 23:29:00 GMT")),
                     PS_E_TOO_LARGE);
    ck_assert_int_eq(ps_registrar_set_date(r, PS_NONE), PS_OK);
    registers("");
    ck_assert(!lists("Date:"));
}
END_TEST

START_TEST(rfc3261_10_2_a_register_with_a_to_tag_is_taken)
{
    world_request(&w, &(struct tester_request){.method = "REGISTER",
                                               .uri = "sip:example.org",
                                               .to_tag = "abc",
                                               .body = "",
                                               .contact = "<sip:a@192.0.2.5>"});
    ck_assert_ptr_nonnull(strstr(sent_last(&w.log, "")->text, "SIP/2.0 200 "));
    ck_assert_str_eq(to_tag_of(sent_last(&w.log, "")), "abc");
    ck_assert_uint_eq(live(), 1);
}
END_TEST

/* ---- bounds ---- */

/* A Contact of n bytes. */
static const char *contact_of(unsigned n)
{
    static char text[2048];
    int head = snprintf(text, sizeof text, "Contact: <sip:a@192.0.2.5>;x=");
    memset(text + head, 'y', n);
    snprintf(text + n + strlen("Contact: "), 8, "\r\n");
    return text;
}

START_TEST(a_contact_with_its_parameters_is_bounded)
{
    ck_assert_uint_eq(registers(contact_of(PS_MAX_CONTACT + 1)), 403);
    ck_assert_uint_eq(live(), 0);
    ck_assert_uint_eq(registers(contact_of(PS_MAX_CONTACT)), 200);
    ck_assert_uint_eq(live(), 1);
}
END_TEST

START_TEST(rfc3327_a_path_is_bounded)
{
    char text[2048];
    int n = snprintf(text, sizeof text, "Contact: <sip:a@192.0.2.5>\r\nPath: <sip:p;x=");
    memset(text + n, 'y', PS_MAX_CONTACT);
    snprintf(text + n + PS_MAX_CONTACT - 11, 16, ">\r\n");
    ck_assert_uint_eq(registers(text), 403);
    snprintf(text + n + PS_MAX_CONTACT - 12, 16, ">\r\n");
    ck_assert_uint_eq(registers(text), 200);
    ck_assert_uint_eq(live(), 1);
}
END_TEST

START_TEST(a_redirection_names_as_many_contacts_as_fit)
{
    static const char best[] = "Contact: <sip:a@192.0.2.6>;q=0.900\r\n",
                      second[] = "Contact: <sip:a-name-that-is-long@192.0.2.7>;q=0.500\r\n",
                      last[] = "Contact: <sip:a@192.0.2.5>;q=0.100\r\n";
    const struct ps_stack *r = st->stack;
    char text[512], all[512];
    size_t room;
    registers("Contact: <sip:a@192.0.2.5>;q=0.1, <sip:a@192.0.2.6>;q=0.9, "
              "<sip:a-name-that-is-long@192.0.2.7>;q=0.5\r\n");
    for (room = 0; room < 2 * sizeof best + sizeof second; room++) {
        struct ps_writer lines = ps_writer(text, sizeof text - 1);
        unsigned n = ps_registrar_contacts(r, PS_S("sip:a@example.org"), true, room, &lines);
        size_t b = strlen(best), s = strlen(second), l = strlen(last);
        bool with_best = room >= b, with_second = room >= b + s;
        bool with_last = room >= b + s + l || (room >= b + l && room < b + s);
        ck_assert_uint_le(lines.n, room);
        text[lines.n] = '\0';
        snprintf(all, sizeof all, "%s%s%s", with_best ? best : "", with_second ? second : "",
                 with_last ? last : "");
        ck_assert_str_eq(text, all);
        ck_assert_uint_eq(n, (unsigned)with_best + with_second + with_last);
    }
}
END_TEST

/* n Contacts in one list, from 192.0.2.100 on. */
static const char *contacts(unsigned n)
{
    static char text[4096];
    size_t at = 0;
    unsigned i;
    for (i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s<sip:a@192.0.2.%u>",
                               i ? ", " : "Contact: ", 100 + i);
    snprintf(text + at, sizeof text - at, "\r\n");
    return text;
}

START_TEST(contacts_of_one_address_of_record_are_bounded)
{
    ck_assert_uint_eq(registers(contacts(PS_MAX_CONTACTS + 1)), 403);
    ck_assert_uint_eq(live(), 0);
    ck_assert_uint_eq(registers(contacts(PS_MAX_CONTACTS)), 200);
    ck_assert_uint_eq(listed(), PS_MAX_CONTACTS);
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>\r\n"), 403);
    ck_assert_uint_eq(registers(contacts(PS_MAX_CONTACTS)), 200); /* a refresh is no new one */
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
}
END_TEST

/* As a phone does whose NAT has moved it; but naming one twice makes no room. */
START_TEST(a_binding_that_is_removed_makes_room_for_another)
{
    registers(contacts(PS_MAX_CONTACTS));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>, <sip:a@192.0.2.100>;expires=0\r\n"),
                      200);
    ck_assert_uint_eq(listed(), PS_MAX_CONTACTS);
    ck_assert(lists("<sip:a@192.0.2.5>") && !lists("<sip:a@192.0.2.100>"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.101>;expires=0,"
                                "<sip:a@192.0.2.101>;expires=0, <sip:a@192.0.2.6>,"
                                "<sip:a@192.0.2.7>\r\n"),
                      403);
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.101>;expires=0, <sip:a@192.0.2.101>,"
                                "<sip:a@192.0.2.6>\r\n"),
                      403);
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.6>\r\n"), 403);
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
}
END_TEST

/* Tells first of a fault that no waiting mends. */
START_TEST(one_contact_too_many_is_a_403_though_there_is_no_room_for_it_either)
{
    struct ps_limits limits = world_limits();
    limits.bindings = PS_MAX_CONTACTS;
    teardown();
    with_limits(&limits);
    ck_assert_uint_eq(registers(contacts(PS_MAX_CONTACTS)), 200);
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>\r\n"), 403);
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
}
END_TEST

START_TEST(bindings_are_bounded)
{
    struct ps_limits limits = world_limits();
    limits.bindings = 2;
    teardown();
    with_limits(&limits);
    ck_assert_uint_eq(registers(contacts(3)), 503);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_RETRY_AFTER), "60");
    ck_assert_uint_eq(live(), 0);
    ck_assert_uint_eq(registers(contacts(2)), 200);
    ck_assert_uint_eq(as("sip:b@example.org", "b", 1, "Contact: <sip:b@192.0.2.7>\r\n"), 503);
    ck_assert_uint_eq(registers(contacts(2)), 200);
    ck_assert_uint_eq(registers("Contact: *\r\nExpires: 0\r\n"), 200);
    ck_assert_uint_eq(as("sip:b@example.org", "b", 2, "Contact: <sip:b@192.0.2.7>\r\n"), 200);
}
END_TEST

/* The store has room for the request and `free` texts more. */
START_TEST(all_or_nothing_in_a_full_store)
{
    struct ps_limits limits = world_limits();
    limits.kept[0].count = (unsigned)_i + 1;
    limits.kept[1].count = limits.kept[2].count = 0;
    teardown();
    with_limits(&limits);
    ck_assert_uint_eq(registers(contacts(3)), _i < 3 ? 503 : 200);
    ck_assert_uint_eq(live(), _i < 3 ? 0 : 3);
    world_run(&w, 33000);
    ck_assert_uint_eq(ps_stack_live(st->stack).kept[0], _i < 3 ? 0 : 3);
    if (_i > 0)
        ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.100>\r\n"), 200);
    if (_i == 3) /* room for the request and no text: a refresh needs none, a new one does */
        ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.99>\r\n"), 503);
}
END_TEST

/* ---- a list that the 200 cannot hold ---- */

/* Lets the list be answered as a whole: to a source that has proved nothing no more is sent than a
 * multiple of what it says. */
static const char *much(void)
{
    static char line[2600];
    snprintf(line, sizeof line, "X-Much: %02500u\r\n", 1u);
    return line;
}

/* One of 16 Contacts of some 500 bytes, with its parameters, and `more` lines. */
static const char *long_contact(unsigned i, const char *params, const char *more)
{
    static char text[4096];
    snprintf(text, sizeof text, "Contact: <sip:a@192.0.2.%02u;x=%0475u>%s\r\n%s", i + 10, i, params,
             more);
    return text;
}

/* As many as fit in 8,192 bytes. */
enum { LONG_ONES = 15 };

static void fill_list(const char *more)
{
    struct ps_limits limits = world_limits();
    unsigned i;
    limits.kept[2].bytes = limits.message_bytes;
    teardown();
    with_limits(&limits);
    for (i = 0; i < LONG_ONES; i++)
        ck_assert_uint_eq(registers(long_contact(i, "", more)), 200);
    ck_assert_uint_eq(live(), LONG_ONES);
}

/* Whether the 200 is shortened, because its receiver may be forged, or not. */
START_TEST(what_the_answer_could_not_list_is_not_bound)
{
    const char *more = _i ? much() : "";
    fill_list(more);
    ck_assert(!_i || listed() == LONG_ONES);
    ck_assert_uint_eq(registers(long_contact(LONG_ONES, "", more)), 403);
    ck_assert_uint_eq(live(), LONG_ONES);
    ck_assert_uint_eq(registers(long_contact(0, "", more)), 200);
    ck_assert_uint_eq(registers(""), 200);
    ck_assert_uint_eq(registers(long_contact(0, ";expires=0", more)), 200);
    ck_assert_uint_eq(live(), LONG_ONES - 1);
    ck_assert_uint_eq(registers(long_contact(LONG_ONES, "", more)), 200);
    ck_assert_uint_eq(live(), LONG_ONES);
}
END_TEST

/* The request's own lines take the room of one Contact. */
START_TEST(a_list_that_is_too_long_is_read_refreshed_and_shortened)
{
    static const char *const aor = "sip:a@example.org";
    char id[301];
    snprintf(id, sizeof id, "%0300u", 1u);
    fill_list(much());
    ck_assert_uint_eq(as(aor, id, 1, much()), 200);
    ck_assert_uint_eq(listed(), LONG_ONES - 1);
    ck_assert_uint_eq(as(aor, id, 2, long_contact(0, ";expires=100", much())), 200);
    ck_assert_uint_eq(listed(), LONG_ONES - 1);
    ck_assert_uint_eq(as(aor, id, 3, long_contact(0, ";y", much())), 403);
    ck_assert_uint_eq(live(), LONG_ONES);
    ck_assert_uint_eq(as(aor, id, 4, long_contact(1, ";expires=0", much())), 200);
    ck_assert_uint_eq(listed(), LONG_ONES - 1);
    ck_assert_uint_eq(live(), LONG_ONES - 1);
    world_run(&w, 100000);
    ck_assert_uint_eq(live(), LONG_ONES - 2);
    ck_assert_uint_eq(as(aor, id, 5, "Contact: *\r\nExpires: 0\r\n"), 200);
    ck_assert_uint_eq(live(), 0);
}
END_TEST

/* The answer needs the only large chunk, which an OPTIONS holds that waits. */
START_TEST(where_the_answer_finds_no_room_just_now)
{
    struct ps_limits limits = world_limits();
    struct ps_response ok = {.status = 200};
    char first[300], second[300];
    ps_handle waits;
    memset(limits.kept, 0, sizeof limits.kept);
    limits.kept[0] = (struct ps_size_class){512, 32};
    limits.kept[1] = (struct ps_size_class){4096, 1};
    teardown();
    with_limits(&limits);
    snprintf(first, sizeof first, "Contact: <sip:a@192.0.2.5;x=%0150u>\r\n", 1u);
    snprintf(second, sizeof second, "Contact: <sip:b@192.0.2.6;x=%0150u>\r\n", 1u);
    ck_assert_uint_eq(registers(first), 200);
    world_request(&w, &(struct tester_request){.method = "OPTIONS", .lines = much()});
    waits = heard_last(st, PS_EVENT_REQUEST)->event.transaction;
    ck_assert_uint_eq(registers(second), 503);
    ck_assert_str_eq(header_of(sent_last(&w.log, "SIP"), PS_H_RETRY_AFTER), "60");
    ck_assert_uint_eq(live(), 1);
    ck_assert_int_eq(ps_stack_respond(st->stack, waits, &ok), PS_OK);
    station_pull(st);
    ck_assert_uint_eq(registers(second), 200);
    ck_assert_uint_eq(listed(), 2);
}
END_TEST

/* The bindings as a text. */
static const char *snapshot(void)
{
    static char text[2][16384];
    static unsigned which;
    struct ps_writer lines = ps_writer(text[which ^= 1], sizeof text[0] - 1);
    (void)ps_registrar_contacts(st->stack, PS_S("sip:a@example.org"), false, SIZE_MAX, &lines);
    text[which][lines.n] = '\0';
    return text[which];
}

/* All that a REGISTER can do to a binding is undone: it is removed, changed, refreshed, removed and
 * bound again, named twice; others come, and come and go. */
START_TEST(all_that_was_done_before_a_refusal_is_undone)
{
    static const char *const aor = "sip:a@example.org";
    char text[4096], big[2][600], id[701];
    const char *before;
    unsigned i;
    snprintf(id, sizeof id, "%0700u", 1u); /* a longer answer */
    fill_list(much());
    for (i = 11; i < LONG_ONES; i++)
        ck_assert_uint_eq(registers(long_contact(i, ";expires=0", much())), 200);
    ck_assert_uint_eq(registers("Contact: <sip:r@192.0.2.1>;expires=500;q=0.5;p,"
                                "<sip:r@192.0.2.2>;expires=600, <sip:r@192.0.2.3>,"
                                "<sip:r@192.0.2.4>;expires=700\r\n"),
                      200);
    before = snapshot();
    for (i = 0; i < 2; i++)
        snprintf(big[i], sizeof big[i], "<sip:n@192.0.2.%u;x=%0450u>", i + 10, i);
    snprintf(text, sizeof text,
             "Contact: <sip:r@192.0.2.1>;expires=900;q=0.7;other, <sip:r@192.0.2.1>;q=0.2;third,"
             "<sip:r@192.0.2.2>;expires=1000, <sip:r@192.0.2.2>;x, <sip:r@192.0.2.3>;expires=0,"
             "<sip:r@192.0.2.3>;expires=90, <sip:r@192.0.2.4>;z, <sip:r@192.0.2.4>;expires=0,"
             "<sip:m@192.0.2.9>, <sip:m@192.0.2.9>;y, <sip:m@192.0.2.9>;expires=0, %s, %s\r\n",
             big[0], big[1]);
    ck_assert_uint_eq(as(aor, id, 1, text), 403);
    ck_assert_str_eq(snapshot(), before);
    ck_assert_uint_eq(live(), 15);
    world_run(&w, 33000);
    ck_assert_uint_eq(as(aor, id, 1, "Contact: <sip:r@192.0.2.3>;expires=700\r\n"), 200);
    world_run(&w, 733000); /* each ends at its time */
    ck_assert_uint_eq(live(), 11);
    ck_assert_uint_eq(registers("Contact: *\r\nExpires: 0\r\n"), 200);
    world_run(&w, 770000);
    station_expect_empty(st);
}
END_TEST

/* ---- expired, and the timer has not run yet ---- */

START_TEST(a_binding_whose_time_is_over_is_as_gone)
{
    struct ps_bound bound[PS_MAX_CONTACTS];
    ps_registrar_set_expires(st->stack, 60, 7200, 60);
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    late(59999);
    ck_assert_uint_eq(ps_registrar_bindings(st->stack, PS_S("sip:a@example.org"), bound), 1);
    ck_assert_uint_eq(bound[0].seconds, 1);
    late(1);
    ck_assert_uint_eq(ps_registrar_bindings(st->stack, PS_S("sip:a@example.org"), bound), 0);
    late(5000);
    ck_assert_uint_eq(live(), 1);
    registers("");
    ck_assert_uint_eq(listed(), 0);
    ck_assert_uint_eq(live(), 0);
}
END_TEST

/* It is neither refreshed nor counted, and its CSeq orders nothing. */
START_TEST(a_binding_whose_time_is_over_is_in_nobodys_way)
{
    ps_registrar_set_expires(st->stack, 60, 7200, 60);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 9, contacts(PS_MAX_CONTACTS)), 200);
    late(65000);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 7, "Contact: <sip:a@192.0.2.100>\r\n"), 200);
    ck_assert_uint_eq(listed(), 1);
    ck_assert_uint_eq(live(), 1);
    late(65000);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 5, contacts(PS_MAX_CONTACTS)), 200);
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
    late(65000);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 3, "Contact: *\r\nExpires: 0\r\n"), 200);
}
END_TEST

/* ---- 19.1.4: equality is not transitive ---- */

START_TEST(rfc3261_19_1_4_two_contacts_that_both_equal_a_third)
{
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5;foo=1>, <sip:a@192.0.2.5;foo=2>\r\n"),
                      200);
    ck_assert_uint_eq(live(), 2);
    ck_assert(lists("<sip:a@192.0.2.5;foo=1>") && lists("<sip:a@192.0.2.5;foo=2>"));
}
END_TEST

START_TEST(two_contacts_that_both_equal_a_third_are_two_in_each_bound)
{
    struct ps_limits limits = world_limits();
    static const char two[] = "Contact: <sip:a@192.0.2.100;foo=1>, <sip:a@192.0.2.100;foo=2>\r\n";
    registers(contacts(PS_MAX_CONTACTS));
    ck_assert_uint_eq(registers(two), 403);
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.101>;expires=0\r\n"), 200);
    ck_assert_uint_eq(registers(two), 200);
    ck_assert_uint_eq(live(), PS_MAX_CONTACTS);
    limits.bindings = 1;
    teardown();
    with_limits(&limits);
    registers(contacts(1));
    ck_assert_uint_eq(registers(two), 503);
    ck_assert_uint_eq(live(), 1);
    registers("");
    ck_assert(lists("<sip:a@192.0.2.100>;"));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("registrar");
    TCase *tc = tcase_create("10.3");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, step_8_the_answer_lists_all_bindings);
    tcase_add_test(tc, step_7_a_query_changes_nothing);
    tcase_add_test(tc, step_7_how_long);
    tcase_add_test(tc, a_binding_ends_at_its_time);
    tcase_add_test(tc, rfc3261_19_1_4_equal_contacts_are_one);
    tcase_add_test(tc, step_5_an_address_of_record_is_canonical);
    tcase_add_test(tc, rfc3261_19_1_4_escapes_in_a_user);
    tcase_add_test(tc, rfc3261_10_3_step_5_users_of_the_domains_are_one);
    tcase_add_test(tc, bindings_of_one_user_are_bounded_over_all_spellings);
    tcase_add_test(tc, parameters_of_a_contact_come_back_as_registered);
    tcase_add_test(tc, a_parameter_that_moves_into_the_uri);
    tcase_add_test(tc, rfc3327_5_3_path_is_kept_and_echoed_where_it_is_supported);
    tcase_add_test(tc, step_8_date_where_somebody_says_it);
    tcase_add_test(tc, rfc3261_10_2_a_register_with_a_to_tag_is_taken);
    tcase_add_test(tc, a_contact_with_its_parameters_is_bounded);
    tcase_add_test(tc, rfc3327_a_path_is_bounded);
    tcase_add_test(tc, a_redirection_names_as_many_contacts_as_fit);
    tcase_add_test(tc, step_6_star_removes_all_of_this_address_of_record);
    tcase_add_test(tc, step_6_star_stands_alone_and_with_expires_0);
    tcase_add_test(tc, step_6_and_7_order_within_a_call_id);
    tcase_add_test(tc, all_or_nothing_where_one_is_wrong);
    tcase_add_test(tc, a_contact_named_twice_counts_as_its_last);
    tcase_add_test(tc, q_of_each_form);
    tcase_add_test(tc, the_contacts_of_a_redirection_have_no_expires);
    tcase_add_test(tc, contacts_of_one_address_of_record_are_bounded);
    tcase_add_test(tc, a_binding_that_is_removed_makes_room_for_another);
    tcase_add_test(tc, one_contact_too_many_is_a_403_though_there_is_no_room_for_it_either);
    tcase_add_test(tc, bindings_are_bounded);
    tcase_add_loop_test(tc, all_or_nothing_in_a_full_store, 0, 6);
    tcase_add_loop_test(tc, what_the_answer_could_not_list_is_not_bound, 0, 2);
    tcase_add_test(tc, a_list_that_is_too_long_is_read_refreshed_and_shortened);
    tcase_add_test(tc, where_the_answer_finds_no_room_just_now);
    tcase_add_test(tc, all_that_was_done_before_a_refusal_is_undone);
    tcase_add_test(tc, a_binding_whose_time_is_over_is_as_gone);
    tcase_add_test(tc, a_binding_whose_time_is_over_is_in_nobodys_way);
    tcase_add_test(tc, rfc3261_19_1_4_two_contacts_that_both_equal_a_third);
    tcase_add_test(tc, two_contacts_that_both_equal_a_third_are_two_in_each_bound);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN

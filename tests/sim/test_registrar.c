/*
 * Covers the registrar (RFC 3261 10.3) through a whole stack: what a REGISTER changes and what it
 * answers, "*", order by Call-ID and CSeq, expiry to the millisecond, all or nothing, its limits.
 * Does not cover: who may register (Digest's tests), the registering side (test_registration.c).
 */
#include <stdio.h>

#include "../unit/check_main.h"
#include "world.h"

static struct world w;
static struct station *st;
static unsigned cseq;

static void on_event(struct station *at, const struct ps_event *event)
{
    if (event->kind == PS_EVENT_REQUEST)
        (void)ps_stack_register(at->stack, event->transaction, event->message);
}

static void with_limits(const struct ps_limits *limits)
{
    world_start(&w, 3);
    st = station_add(&w, "192.0.2.1:5060", "", limits, NULL);
    st->on_event = on_event;
    cseq = 0;
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

/* Sends a REGISTER for `aor`: the status of its answer. */
static unsigned as(const char *aor, const char *call_id, unsigned number, const char *lines)
{
    char text[4096];
    int n = snprintf(text, sizeof text,
                     "REGISTER sip:example.org SIP/2.0\r\n"
                     "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK-%s-%u\r\n"
                     "Max-Forwards: 70\r\nFrom: <sip:a@example.org>;tag=f\r\nTo: <%s>\r\n"
                     "Call-ID: %s\r\nCSeq: %u REGISTER\r\n%sContent-Length: 0\r\n\r\n",
                     call_id, number, aor, call_id, number, lines);
    unsigned before = w.sent_n;
    tester_send(&w, "192.0.2.2:5060", "192.0.2.1:5060", ps_slice(text, (size_t)n));
    ck_assert_uint_eq(w.sent_n, before + 1);
    return (unsigned)atoi(w.sent[before].text + 8);
}

static unsigned registers(const char *lines)
{
    return as("sip:a@example.org", "call", ++cseq, lines);
}

/* Does the last answer have this Contact line, and how many in all? */
static bool lists(const char *contact)
{
    return strstr(w.sent[w.sent_n - 1].text, contact) != NULL;
}

static unsigned listed(void)
{
    unsigned n = 0;
    while (*nth_header_of(&w.sent[w.sent_n - 1], PS_H_CONTACT, n))
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
    ck_assert_str_eq(header_of(world_last(&w, "SIP"), PS_H_MIN_EXPIRES), "60");
    ck_assert_uint_eq(listed(), 0);
    registers("");
    ck_assert(lists(";expires=60\r\n"));
    ps_registrar_set_expires(ps_stack_registrar(st->stack), 5, 50, 20);
    registers("Contact: <sip:a@192.0.2.5>\r\n");
    ck_assert(lists(";expires=20\r\n"));
    registers("Contact: <sip:a@192.0.2.5>;expires=51\r\n");
    ck_assert(lists(";expires=50\r\n"));
    ck_assert_uint_eq(registers("Contact: <sip:a@192.0.2.5>;expires=4\r\n"), 423);
    ck_assert_str_eq(header_of(world_last(&w, "SIP"), PS_H_MIN_EXPIRES), "5");
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
    static const char *const wrong[] = {"Contact: *\r\n", "Contact: *\r\nExpires: 1\r\n",
                                        "Contact: *\r\nContact: <sip:a@192.0.2.6>\r\nExpires: 0\r\n",
                                        "Contact: <sip:a@192.0.2.6>, *\r\nExpires: 0\r\n",
                                        "Contact: *, *\r\nExpires: 0\r\n"};
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
    ck_assert_uint_eq(
        as("sip:a@example.org", "one", 6, "Contact: <sip:a@192.0.2.5>;expires=0\r\n"), 500);
    ck_assert_uint_eq(as("sip:a@example.org", "one", 5, "Contact: *\r\nExpires: 0\r\n"), 500);
    ck_assert_uint_eq(live(), 1);
    /* another Call-ID is another phone, or the same one started anew: its CSeq says nothing */
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
    registers("Contact: <sip:a@192.0.2.5>;q=0, <sip:a@192.0.2.6>;q=1.000, <sip:a@192.0.2.7>;q=0.5\r\n");
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
    ck_assert_uint_eq(ps_registrar_contacts(ps_stack_registrar(st->stack),
                                            PS_S("sip:a@example.org"), true, &lines),
                      1);
    ck_assert(ps_equal(ps_written(&lines), PS_S("Contact: <sip:a@192.0.2.5>;q=0.500\r\n")));
    ck_assert_uint_eq(
        ps_registrar_contacts(ps_stack_registrar(st->stack), PS_S("mailto:a@b"), true, &lines), 0);
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

START_TEST(bindings_are_bounded)
{
    struct ps_limits limits = world_limits();
    limits.bindings = 2;
    teardown();
    with_limits(&limits);
    ck_assert_uint_eq(registers(contacts(3)), 503);
    ck_assert_str_eq(header_of(world_last(&w, "SIP"), PS_H_RETRY_AFTER), "60");
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
    tcase_add_test(tc, step_6_star_removes_all_of_this_address_of_record);
    tcase_add_test(tc, step_6_star_stands_alone_and_with_expires_0);
    tcase_add_test(tc, step_6_and_7_order_within_a_call_id);
    tcase_add_test(tc, all_or_nothing_where_one_is_wrong);
    tcase_add_test(tc, a_contact_named_twice_counts_as_its_last);
    tcase_add_test(tc, q_of_each_form);
    tcase_add_test(tc, the_contacts_of_a_redirection_have_no_expires);
    tcase_add_test(tc, contacts_of_one_address_of_record_are_bounded);
    tcase_add_test(tc, bindings_are_bounded);
    tcase_add_loop_test(tc, all_or_nothing_in_a_full_store, 0, 6);
    suite_add_tcase(s, tc);
    return s;
}

PS_CHECK_MAIN

// Text messages a second between two processes of c-toxcore over loopback: what a friend's program does with
// tox_friend_send_message, in memory, with read receipts. Built and run by bench/cases/toxcore.ts:
//
//   toxcore ROUNDS MESSAGES      prints the messages a second of each round, one line each
//
// The process forks: the child receives, the parent sends. They tell each other their keys and ports through pipes and
// find each other over UDP. A round ends when the last read receipt has come. Nobody sleeps while messages flow.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <tox/tox.h>

enum { text_bytes = 56, connect_seconds = 120 };

struct peer {
  uint8_t key[TOX_PUBLIC_KEY_SIZE];
  uint8_t dht_key[TOX_PUBLIC_KEY_SIZE];
  uint16_t port;
};

static bool connected = false;
static long receipts = 0;

static void on_connection(Tox *tox, uint32_t friend_number, TOX_CONNECTION status, void *data) {
  connected = status == TOX_CONNECTION_UDP;
}

static void on_receipt(Tox *tox, uint32_t friend_number, uint32_t message, void *data) {
  receipts += 1;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void fail(const char *reason) {
  fprintf(stderr, "%s\n", reason);
  exit(1);
}

static Tox *create(void) {
  struct Tox_Options *options = tox_options_new(NULL);
  tox_options_set_ipv6_enabled(options, false);
  tox_options_set_local_discovery_enabled(options, false);
  Tox *tox = tox_new(options, NULL);
  tox_options_free(options);
  if (tox == NULL) fail("tox_new failed");
  tox_callback_friend_connection_status(tox, on_connection);
  tox_callback_friend_read_receipt(tox, on_receipt);
  return tox;
}

static void exchange(Tox *tox, int to, int from) {
  struct peer own, other;
  memset(&own, 0, sizeof own);
  tox_self_get_public_key(tox, own.key);
  tox_self_get_dht_id(tox, own.dht_key);
  own.port = tox_self_get_udp_port(tox, NULL);
  if (write(to, &own, sizeof own) != sizeof own) fail("the other process is gone");
  if (read(from, &other, sizeof other) != sizeof other) fail("the other process is gone");
  tox_bootstrap(tox, "127.0.0.1", other.port, other.dht_key, NULL);
  tox_friend_add_norequest(tox, other.key, NULL);
}

static void connect_friend(Tox *tox) {
  const double began = seconds();
  while (!connected) {
    if (seconds() - began > connect_seconds) fail("the two did not find each other");
    tox_iterate(tox, NULL);
    usleep(1000 * tox_iteration_interval(tox));
  }
}

static void receive(int to, int from) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  Tox *tox = create();
  exchange(tox, to, from);
  connect_friend(tox);
  for (;;) tox_iterate(tox, NULL);
}

static double send_round(Tox *tox, long messages) {
  uint8_t text[text_bytes];
  memset(text, 'm', sizeof text);
  const double began = seconds();
  const long end = receipts + messages;
  for (long sent = 0; sent < messages; sent += 1) {
    TOX_ERR_FRIEND_SEND_MESSAGE error;
    for (;;) {
      tox_friend_send_message(tox, 0, TOX_MESSAGE_TYPE_NORMAL, text, sizeof text, &error);
      if (error == TOX_ERR_FRIEND_SEND_MESSAGE_OK) break;
      if (error != TOX_ERR_FRIEND_SEND_MESSAGE_SENDQ) fail("a message was not taken");
      tox_iterate(tox, NULL); // its queue is full
    }
  }
  while (receipts < end) tox_iterate(tox, NULL);
  return messages / (seconds() - began);
}

int main(int count, char **arguments) {
  if (count != 3) fail("toxcore ROUNDS MESSAGES");
  int there[2], back[2];
  if (pipe(there) != 0 || pipe(back) != 0) fail("no pipes");
  if (fork() == 0) receive(back[1], there[0]);
  Tox *tox = create();
  exchange(tox, there[1], back[0]);
  connect_friend(tox);
  const double began = seconds();
  while (seconds() - began < 2) tox_iterate(tox, NULL); // the receiver sees the connection too
  for (int round = 0; round < atoi(arguments[1]); round += 1) {
    printf("%.0f\n", send_round(tox, atol(arguments[2])));
    fflush(stdout);
  }
  return 0;
}

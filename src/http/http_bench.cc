// What the HTTP layer costs by itself: a fixed JSON answer of 200 bytes over keep-alive
// connections.
//
//   http_bench [seconds] [connections]
// prints requests per second and CPU microseconds of the server per request, handled on the I/O
// thread and by workers. The client shares the machine; its own CPU time is taken out.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "http/event_loop.h"
#include "http/raw_client.h"

namespace {

using namespace kehai::http;
using Clock = std::chrono::steady_clock;

std::int64_t microseconds(const timeval& time) {
  return time.tv_sec * 1'000'000 + time.tv_usec;
}

std::int64_t process_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

std::int64_t thread_cpu() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1'000'000 + time.tv_nsec / 1000;
}

const std::string kRequest =
    "GET /api/v1/leads/10432 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: bench\r\n"
    "Accept: application/json\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n";

// One request in flight per connection. Returns the number of answers.
std::uint64_t drive(std::uint16_t port, int connections, std::chrono::seconds length) {
  std::vector<std::unique_ptr<test::RawClient>> clients;
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<test::RawClient>(port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(i);
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, clients.back()->fd(), &event);
    clients.back()->send_some(kRequest);
  }
  std::uint64_t answers = 0;
  char buffer[4096];
  const auto end = Clock::now() + length;
  while (Clock::now() < end) {
    epoll_event events[64];
    const int count = ::epoll_wait(epoll.get(), events, 64, 100);
    for (int i = 0; i < count; ++i) {
      test::RawClient& client = *clients[events[i].data.u64];
      // The answer is small and comes in one piece.
      if (::recv(client.fd(), buffer, sizeof(buffer), 0) <= 0) std::abort();
      ++answers;
      client.send_some(kRequest);
    }
  }
  return answers;
}

void measure(const char* name, Lane lane, std::size_t workers, std::chrono::seconds length,
             int connections) {
  ServerOptions options;
  options.normal = {workers, 4096};
  options.lane = [lane](const Request&) { return lane; };
  Server server(options, [](const Request&) {
    Response response;
    response.header("Content-Type", "application/json");
    response.body.assign(200, 'x');
    response.route = "/api/v1/leads/{id}";
    return response;
  });
  server.start();
  drive(server.port(), connections, std::chrono::seconds(1));
  const auto started = Clock::now();
  const std::int64_t process_before = process_cpu();
  const std::int64_t client_before = thread_cpu();
  const std::uint64_t answers = drive(server.port(), connections, length);
  const std::int64_t client = thread_cpu() - client_before;
  const std::int64_t server_cpu = process_cpu() - process_before - client;
  const auto elapsed =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started).count();
  const auto per_second = static_cast<std::int64_t>(answers) * 1000 / elapsed;
  const std::int64_t nanoseconds = server_cpu * 1000 / static_cast<std::int64_t>(answers);
  std::printf("%-22s %8lld requests/s   %4lld.%02lld us CPU of the server per request\n", name,
              static_cast<long long>(per_second), static_cast<long long>(nanoseconds / 1000),
              static_cast<long long>(nanoseconds % 1000 / 10));
}

std::int64_t resident_kib() {
  std::ifstream file("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  file >> total >> resident;
  return resident * 4;
}

// Memory and CPU of connections on which nothing happens: kept alive after a request, or event
// streams.
void measure_idle(const char* name, const std::string& target, int connections) {
  ServerOptions options;
  options.connections = static_cast<std::size_t>(connections) + 100;
  std::vector<std::shared_ptr<EventStream>> streams;
  std::mutex mutex;
  Server server(options, [&](const Request& request) {
    Response response;
    if (request.path != "/events") return response;
    response.stream = [&](std::shared_ptr<EventStream> stream) {
      const std::lock_guard lock(mutex);
      streams.push_back(std::move(stream));
    };
    return response;
  });
  server.start();
  std::vector<std::unique_ptr<test::RawClient>> clients;
  clients.reserve(static_cast<std::size_t>(connections));
  const std::int64_t before = resident_kib();
  for (int i = 0; i < connections; ++i) {
    clients.push_back(std::make_unique<test::RawClient>(server.port()));
    clients.back()->send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    clients.back()->receive();
    clients.back()->bytes() = std::string();
  }
  const std::int64_t memory = resident_kib() - before;
  const std::int64_t cpu = process_cpu();
  const auto end = Clock::now() + std::chrono::seconds(2);
  while (Clock::now() < end) clients.front()->receive(500);
  std::printf("%d %s: %lld KiB per 1000, %lld.%lld %% CPU, %zu open\n", connections, name,
              static_cast<long long>(memory * 1000 / connections),
              static_cast<long long>((process_cpu() - cpu) / 20'000),
              static_cast<long long>((process_cpu() - cpu) / 2'000 % 10), server.connections());
}

}  // namespace

int main(int count, char** arguments) {
  const std::chrono::seconds length(count > 1 ? std::atoi(arguments[1]) : 3);
  const int connections = count > 2 ? std::atoi(arguments[2]) : 64;
  measure("on the I/O thread", Lane::Inline, 1, length, connections);
  measure("2 workers", Lane::Normal, 2, length, connections);
  measure("24 workers", Lane::Normal, 24, length, connections);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const int idle = static_cast<int>(std::min<rlim_t>(10'000, limit.rlim_cur / 2 - 200));
  measure_idle("idle connections", "/", idle);
  measure_idle("event streams", "/events", idle);
}

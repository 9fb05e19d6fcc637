// One client connection as a state machine on its I/O thread. Internal to the server.
//
// At most one request is in flight; what the peer sends ahead waits, at most 64 KiB here and the
// rest in the kernel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/body_decoder.h"
#include "http/server_context.h"
#include "http/transport.h"

namespace kehai::http {

class Connection final : public Watcher, public std::enable_shared_from_this<Connection> {
 public:
  Connection(IoThread& thread, Descriptor socket, const IpAddress& peer);
  ~Connection() override;

  void start();
  void on_events(std::uint32_t events) override;
  void on_tick();
  void drain();
  void close();
  // Closes when it has waited at least this long for a request, or twice as long for the rest of a
  // head.
  void make_room(std::chrono::milliseconds at_least);

  std::size_t position = 0;  // in IoThread's list

 private:
  static constexpr std::size_t kKeepCapacity =
      4096;  // larger buffers are freed when they are empty
  enum class State { Handshake, Head, Body, Handling, Writing, Streaming, Lingering, Closed };
  enum class Fill { Got, Blocked, Closed };

  void drive();
  bool advance_handshake();
  bool advance_head();
  bool advance_body();
  bool flush();
  Fill fill();

  void begin_request(std::string_view head);
  void begin_body();
  void dispatch();
  void complete();
  void refuse(Refusal refusal);
  void start_response();
  void finish_response();
  void linger();
  void discard_input();

  void start_stream();
  void flush_stream();
  void end_stream();
  void on_stream_deadline();

  std::string_view input() const { return std::string_view(in_).substr(in_offset_); }
  void consume(std::size_t bytes);
  void want(std::uint32_t events);
  void apply_forwarding(Request& request) const;
  void set_deadline(std::chrono::milliseconds from_now) {
    deadline_ = thread_.loop.now() + from_now;
  }
  void set_write_deadline();
  // How much longer an exchange of so many bytes may take than one without any.
  std::chrono::milliseconds earned(std::uint64_t bytes) const;

  IoThread& thread_;
  ServerContext& context_;
  Transport transport_;
  const IpAddress peer_;
  const std::string peer_text_;
  State state_ = State::Head;
  std::uint32_t events_ = 0;  // asked from epoll
  bool readable_ = false;     // the socket may have bytes
  bool head_started_ = false;
  SteadyTime deadline_;
  SteadyTime idle_since_;     // without a request
  SteadyTime phase_started_;  // of the body or of the answer

  std::string in_;
  std::size_t in_offset_ = 0;
  HeadScanner scanner_;
  BodyDecoder decoder_;
  std::uint64_t body_received_ = 0;
  std::shared_ptr<Exchange> exchange_;

  std::string out_;              // head of the answer, or bytes of a stream
  std::string_view body_;        // after out_
  std::uint64_t file_left_ = 0;  // after body_
  std::uint64_t file_offset_ = 0;
  std::uint64_t head_size_ = 0;  // part of out_
  std::uint64_t sent_ = 0;       // of out_ and body_
  std::size_t stream_input_ = 0;
};

}  // namespace kehai::http

// The part of a connection's life in which it is an event stream.
#include <sys/epoll.h>

#include "http/connection.h"

namespace kehai::http {

void Connection::start_stream() {
  state_ = State::Streaming;
  in_ = std::string();
  in_offset_ = 0;
  out_ = std::string();
  body_ = {};
  sent_ = 0;
  context_.streams.fetch_add(1);
  context_.stream_gauge.add(1);
  exchange_->request.headers = {};
  set_deadline(context_.options.deadlines.heartbeat);
  exchange_->stream->attach([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->state_ == State::Streaming) self->flush_stream();
  });
  if (context_.stopping.load(std::memory_order_relaxed)) exchange_->stream->close();
  flush_stream();
}

void Connection::flush_stream() {
  const Deadlines& deadlines = context_.options.deadlines;
  ServerStream& stream = *exchange_->stream;
  while (true) {
    auto stream_state = ServerStream::State::Open;
    if (sent_ == out_.size()) {
      out_.clear();
      sent_ = 0;
      stream_state = stream.take(out_);
    }
    if (stream_state == ServerStream::State::Overflowed) {
      thread_.count_refusal("stream_overflow", peer_text_);
      return close();
    }
    if (out_.empty()) {
      if (out_.capacity() > kKeepCapacity) out_.shrink_to_fit();
      if (stream_state == ServerStream::State::Ended) return linger();
      return want(EPOLLIN);
    }
    const TransportResult result =
        transport_.write(out_.data() + sent_, out_.size() - sent_, nullptr, 0);
    if (result.kind == TransportResult::Kind::Closed) return close();
    if (result.kind == TransportResult::Kind::WouldBlock) return want(EPOLLIN | EPOLLOUT);
    sent_ += result.bytes;
    stream.set_unsent(out_.size() - sent_);
    set_deadline(sent_ == out_.size() ? deadlines.heartbeat : deadlines.write_stall);
  }
}

void Connection::end_stream() {
  if (state_ != State::Streaming) return;
  context_.streams.fetch_sub(1);
  context_.stream_gauge.add(-1);
  exchange_->stream->detach();
}

void Connection::on_stream_deadline() {
  if (sent_ < out_.size()) {
    thread_.count_refusal("stream_stall", peer_text_);
    return close();
  }
  out_ = ":\n\n";
  sent_ = 0;
  set_deadline(context_.options.deadlines.write_stall);
  flush_stream();
}

}  // namespace kehai::http

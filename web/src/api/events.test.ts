import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openEvents } from './events';

/** A stream that the test drives. */
class Stream {
  static readonly CLOSED = 2;
  static all: Stream[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  addEventListener() {}
  close() {
    this.readyState = Stream.CLOSED;
  }
  constructor() {
    Stream.all.push(this);
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  refuse() {
    this.readyState = Stream.CLOSED;
    this.onerror?.();
  }
}

class Channel {
  onmessage: unknown = null;
  postMessage() {}
  close() {}
}

beforeEach(() => {
  vi.useFakeTimers();
  Stream.all = [];
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('BroadcastChannel', Channel);
  vi.stubGlobal('navigator', {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a stream that was refused comes back, and says that events were missed', () => {
  const resumed = vi.fn();
  const close = openEvents({ resumed });
  Stream.all[0].open();
  Stream.all[0].refuse();
  vi.advanceTimersByTime(2_000);
  expect(Stream.all).toHaveLength(2);
  Stream.all[1].refuse();
  vi.advanceTimersByTime(2_000);
  expect(Stream.all).toHaveLength(2);
  vi.advanceTimersByTime(2_000);
  expect(Stream.all).toHaveLength(3);
  expect(resumed).not.toHaveBeenCalled();
  Stream.all[2].open();
  expect(resumed).toHaveBeenCalledTimes(1);
  close();
  Stream.all[2].refuse();
  vi.advanceTimersByTime(600_000);
  expect(Stream.all).toHaveLength(3);
});

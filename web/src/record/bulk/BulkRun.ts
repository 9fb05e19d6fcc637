import { newIdempotencyKey } from '@/api/client';
import type { BulkFailure, BulkResult } from '@/api/types';
import type { Reasons } from '../why';

/** Records that go to the server together. Sent once more, the key lets it answer as before. */
interface Slice {
  ids: readonly number[];
  reasons: Reasons;
  key: string;
}

export interface BulkState {
  ok: readonly number[];
  failed: readonly BulkFailure[];
  /** Records that this stretch of work is about, and those of them that have an answer. */
  total: number;
  done: number;
  isRunning: boolean;
  isStopping: boolean;
}

export interface BulkWork {
  ids: readonly number[];
  /** Most records in one request. */
  slice: number;
  send: (ids: number[], reasons: Reasons, key: string) => Promise<BulkResult>;
  /** Called after each answer with the records that have changed. */
  onChanged: (ids: readonly number[]) => void;
}

/** What records say that never had an answer. */
export const untold = 'no_answer';

/**
 * One action on many records, slice by slice, and what came of it: it can be stopped between two
 * slices, and what failed can be done once more. It tells its listeners of every change.
 */
export class BulkRun {
  #state: BulkState;
  #waiting: Slice[] = [];
  #left: Slice[] = [];
  readonly #reasons = new Map<number, Reasons>();
  readonly #listeners = new Set<() => void>();
  readonly #work: BulkWork;

  constructor(work: BulkWork) {
    this.#work = work;
    this.#state = {
      ok: [],
      failed: [],
      total: work.ids.length,
      done: 0,
      isRunning: false,
      isStopping: false,
    };
    this.#waiting = this.#slicesOf(work.ids, {});
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly state = (): BulkState => this.#state;

  /** Records that a reason would let pass. */
  get wantReason(): BulkFailure[] {
    return this.#state.failed.filter(
      ({ id, reason_field }) =>
        reason_field !== undefined && this.#reasons.get(id)?.[reason_field] === undefined,
    );
  }

  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }

  /** Does the first slice; throws when it is refused as a whole, and then nothing has been done. */
  async begin(): Promise<void> {
    const first = this.#waiting[0];
    if (!first) return;
    this.#take(first, await this.#send(first));
    this.#waiting.shift();
    this.#set({});
  }

  /** Does what is left. A slice without an answer ends the work: the others would have none either. */
  async goOn(): Promise<void> {
    this.#set({ isRunning: true });
    for (let slice = this.#waiting.shift(); slice; slice = this.#waiting.shift()) {
      try {
        if (this.#state.isStopping) this.#leave(slice, '');
        else this.#take(slice, await this.#send(slice));
      } catch (error) {
        this.#leave(slice, (error as Error).message);
        this.#set({ isStopping: true });
      }
    }
    this.#set({ isRunning: false, isStopping: false });
  }

  /** After the slice that is on its way. */
  stop(): void {
    this.#set({ isStopping: true });
  }

  /** Once more those that had no answer. */
  retry(): Promise<void> {
    this.#waiting = this.#left;
    this.#left = [];
    return this.#again(this.#waiting.flatMap(({ ids }) => ids));
  }

  /** Once more those that a reason lets pass; each keeps the reasons that were given for it before. */
  againWith(reason: string): Promise<void> {
    const alike = new Map<string, { reasons: Reasons; ids: number[] }>();
    for (const { id, reason_field } of this.wantReason) {
      const reasons = { ...this.#reasons.get(id), [String(reason_field)]: reason };
      this.#reasons.set(id, reasons);
      const key = JSON.stringify(reasons);
      const group = alike.get(key) ?? { reasons, ids: [] };
      group.ids.push(id);
      alike.set(key, group);
    }
    const groups = [...alike.values()];
    this.#waiting = groups.flatMap(({ ids, reasons }) => this.#slicesOf(ids, reasons));
    return this.#again(groups.flatMap(({ ids }) => ids));
  }

  #again(ids: readonly number[]): Promise<void> {
    const chosen = new Set(ids);
    const failed = this.#state.failed.filter(({ id }) => !chosen.has(id));
    this.#set({ failed, total: ids.length, done: 0 });
    return this.goOn();
  }

  #slicesOf(ids: readonly number[], reasons: Reasons): Slice[] {
    const slices: Slice[] = [];
    for (let at = 0; at < ids.length; at += this.#work.slice) {
      const part = ids.slice(at, at + this.#work.slice);
      slices.push({ ids: part, reasons, key: newIdempotencyKey() });
    }
    return slices;
  }

  #send({ ids, reasons, key }: Slice): Promise<BulkResult> {
    return this.#work.send(ids.slice(), reasons, key);
  }

  #take({ ids }: Slice, { ok, failed }: BulkResult): void {
    const state = this.#state;
    this.#set({
      ok: [...state.ok, ...ok],
      failed: [...state.failed, ...failed],
      done: state.done + ids.length,
    });
    this.#work.onChanged(ok);
  }

  #leave(slice: Slice, message: string): void {
    this.#left.push(slice);
    const failed = slice.ids.map((id) => ({ id, code: untold, message }));
    this.#set({ failed: [...this.#state.failed, ...failed] });
  }

  #set(change: Partial<BulkState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

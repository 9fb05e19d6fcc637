import type { ChangeAnswer, RecordChange } from '@/api/records';
import type { FieldMeta, RecordData } from '@/api/types';
import type { Parsed } from '../fields/kind';

/** A cell of the pasted block that was not written, and why. */
export interface RefusedCell {
  /** The number of the row in the list, and what it is called there. */
  row: number;
  title: string;
  column: string;
  value: string;
  reason: string;
}

/** What is pasted over one record. */
export interface PasteLine {
  record: RecordData;
  row: number;
  title: string;
  cells: readonly { field: FieldMeta; text: string }[];
}

export interface PasteState {
  written: number;
  refused: readonly RefusedCell[];
  /** Rows. */
  done: number;
  total: number;
  isRunning: boolean;
  isStopping: boolean;
}

export interface PasteWork {
  lines: readonly PasteLine[];
  /** Cells of the block that have no place in the list. */
  outside: readonly RefusedCell[];
  read: (text: string, field: FieldMeta) => Promise<Parsed & { reason?: string }>;
  send: (changes: readonly Omit<RecordChange, 'etag'>[]) => Promise<ChangeAnswer[]>;
  /** Called with each record that was written. */
  onWritten: (record: RecordData, texts: Record<string, string>) => void;
  /** What to say of a record that was refused as a whole. */
  reasonOf: (problem: Extract<ChangeAnswer, { problem: unknown }>['problem']) => string;
  stopped: string;
}

/** Rows in one request: few enough that the progress moves on and that nobody else waits. */
const slice = 25;

interface Open {
  line: PasteLine;
  change: Record<string, unknown>;
  texts: Record<string, string>;
}

/** What a record held before, for taking it back. */
interface Before {
  id: number;
  change: Record<string, unknown>;
}

/**
 * A pasted block on its way into records, some rows at a time. A record takes the cells that it can
 * and says which it cannot. It tells its listeners of every change.
 */
export class PasteRun {
  readonly #work: PasteWork;
  readonly #listeners = new Set<() => void>();
  readonly #before: Before[] = [];
  #state: PasteState;

  constructor(work: PasteWork) {
    this.#work = work;
    this.#state = {
      written: 0,
      refused: work.outside,
      done: 0,
      total: work.lines.length,
      isRunning: false,
      isStopping: false,
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly state = (): PasteState => this.#state;

  stop(): void {
    this.#set({ isStopping: true });
  }

  async run(): Promise<void> {
    const { lines, stopped } = this.#work;
    let why = stopped;
    this.#set({ isRunning: true });
    for (let at = 0; at < lines.length; at += slice) {
      const part = lines.slice(at, at + slice);
      if (this.#state.isStopping) {
        for (const line of part) this.#refuse(line, line.cells, why);
        continue;
      }
      const failure = await this.#write(part);
      if (failure !== null) {
        why = failure;
        this.stop();
      }
      this.#set({ done: Math.min(lines.length, at + slice) });
    }
    const refused = [...this.#state.refused].sort((one, other) => one.row - other.row);
    this.#set({ refused, isRunning: false, isStopping: false });
  }

  /** Gives the records what they held before; answers with what could not be taken back. */
  async undo(): Promise<{ failed: number; reason: string }> {
    const { send, onWritten, reasonOf } = this.#work;
    let failed = 0;
    let reason = '';
    for (let at = 0; at < this.#before.length; at += slice) {
      const part = this.#before.slice(at, at + slice);
      try {
        for (const answer of await send(part)) {
          if ('record' in answer) onWritten(answer.record, {});
          else {
            failed++;
            reason ||= answer.problem.fields[0]?.message ?? reasonOf(answer.problem);
          }
        }
      } catch (error) {
        failed += part.length;
        reason ||= (error as Error).message;
      }
    }
    return { failed, reason };
  }

  /** Writes some rows; answers with the reason when there was no answer. */
  async #write(lines: readonly PasteLine[]): Promise<string | null> {
    const read = await Promise.all(lines.map((line) => this.#read(line)));
    let open = read.filter(({ change }) => Object.keys(change).length > 0);
    while (open.length > 0) {
      let answers: ChangeAnswer[];
      try {
        answers = await this.#work.send(
          open.map(({ line, change }) => ({ id: line.record.id, change })),
        );
      } catch (error) {
        const { message } = error as Error;
        for (const { line, change } of open) this.#refuse(line, cellsIn(line, change), message);
        return message;
      }
      const byId = new Map(answers.map((answer) => [answer.id, answer]));
      open = open.flatMap((each) => this.#take(each, byId.get(each.line.record.id)));
    }
    return null;
  }

  async #read(line: PasteLine): Promise<Open> {
    const open: Open = { line, change: {}, texts: {} };
    await Promise.all(
      line.cells.map(async (cell) => {
        const { field, text } = cell;
        const parsed = await this.#work.read(text, field);
        if (parsed.ok) {
          open.change[field.name] = parsed.value;
          open.texts[field.name] = text.trim();
        } else this.#refuse(line, [cell], parsed.reason ?? '');
      }),
    );
    return open;
  }

  /** What is left to try: a record without the fields that it refused. */
  #take(open: Open, answer: ChangeAnswer | undefined): Open[] {
    const { line, change, texts } = open;
    if (answer && 'record' in answer) {
      const names = Object.keys(change);
      this.#before.push({
        id: line.record.id,
        change: Object.fromEntries(names.map((name) => [name, line.record[name] ?? null])),
      });
      this.#set({ written: this.#state.written + names.length });
      this.#work.onWritten(answer.record, texts);
      return [];
    }
    const fields = answer?.problem.fields ?? [];
    const named = new Map(fields.map(({ field, message }) => [field, message]));
    const rest: Record<string, unknown> = {};
    for (const cell of cellsIn(line, change)) {
      const message = named.get(cell.field.name);
      if (message !== undefined) this.#refuse(line, [cell], message);
      else rest[cell.field.name] = change[cell.field.name];
    }
    if (Object.keys(rest).length === 0) return [];
    const isShorter = Object.keys(rest).length < Object.keys(change).length;
    if (isShorter && fields.every(({ field }) => field in change)) {
      return [{ line, change: rest, texts }];
    }
    const reason = answer ? this.#work.reasonOf(answer.problem) : this.#work.stopped;
    this.#refuse(line, cellsIn(line, rest), reason);
    return [];
  }

  #refuse(line: PasteLine, cells: PasteLine['cells'], reason: string): void {
    const { row, title } = line;
    const more = cells.map(({ field, text }) => ({
      row,
      title,
      column: field.label,
      value: text,
      reason,
    }));
    this.#set({ refused: [...this.#state.refused, ...more] });
  }

  #set(change: Partial<PasteState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function cellsIn(line: PasteLine, change: Record<string, unknown>): PasteLine['cells'] {
  return line.cells.filter(({ field }) => field.name in change);
}

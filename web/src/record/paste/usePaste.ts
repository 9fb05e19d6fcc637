import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { isReference } from '@/api/meta';
import { updateMany } from '@/api/records';
import type { FieldMeta, ObjectMeta, RecordData } from '@/api/types';
import { useFormat } from '@/ui/format';
import type { GridPaste } from '@/ui/grid/types';
import { showToast } from '@/ui/toast';
import { knownEtag, patchCaches } from '../cache';
import { useRecordWorld } from '../context';
import { isEditable, kindOf } from '../fields/registry';
import { makeLookUp } from '../fields/shared/lookUp';
import { titleOf } from '../titles';
import { withDisplays } from '../useSave';
import { type PasteLine, PasteRun, type RefusedCell } from './PasteRun';
import { type PasteQuestion, showPaste } from './paste';

/** What takes longer than this shows how far it is. */
const patience = 600;

interface Placed {
  lines: PasteLine[];
  outside: RefusedCell[];
}

/** Lays a block over the rows and columns from a cell on; an empty cell beyond the edge is no loss. */
export function placeBlock(
  { block, rows, columns, firstRow }: GridPaste<RecordData>,
  fieldOf: (name: string) => FieldMeta | undefined,
  say: {
    title: (record: RecordData) => string;
    beyondRows: string;
    beyondColumns: string;
    column: (number: number) => string;
  },
): Placed {
  const placed: Placed = { lines: [], outside: [] };
  for (const [down, texts] of block.entries()) {
    const record = rows[down];
    const row = firstRow + down;
    const title = record ? say.title(record) : '';
    const cells: { field: FieldMeta; text: string }[] = [];
    for (const [right, text] of texts.entries()) {
      const field = fieldOf(columns[right]);
      if (record && field) cells.push({ field, text });
      else if (text.trim() !== '') {
        placed.outside.push({
          row,
          title,
          column: field?.label ?? say.column(right + 1),
          value: text,
          reason: record ? say.beyondColumns : say.beyondRows,
        });
      }
    }
    if (record && cells.length > 0) placed.lines.push({ record, row, title, cells });
  }
  return placed;
}

/** Writes a block of cells from a spreadsheet over the rows and columns from a cell onwards. */
export function usePaste(object: ObjectMeta, hasMore: boolean) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { model, descriptor } = useRecordWorld();
  return useCallback(
    async (paste: GridPaste<RecordData>) => {
      const { collection } = object;
      const better = descriptor(object.name)?.titleFields;
      const { lines, outside } = placeBlock(
        paste,
        (name) => object.fields.find((each) => each.name === name),
        {
          title: (record) => titleOf(object, record, better),
          beyondRows: t(hasMore ? 'grid.paste_not_loaded' : 'grid.paste_beyond_rows'),
          beyondColumns: t('grid.paste_beyond_columns'),
          column: (number) => t('grid.paste_column_number', { number }),
        },
      );
      const lookUp = makeLookUp(model);
      const read = async (text: string, field: FieldMeta) => {
        const { fromText, unreadable } = kindOf(field);
        if (!isEditable(field) || !(isReference(field) || fromText)) {
          return { ok: false as const, reason: t('grid.paste_read_only') };
        }
        const parsed = isReference(field)
          ? await lookUp(text, field)
          : (fromText?.(text, field, format) ?? { ok: false as const });
        if (parsed.ok) return parsed;
        // The server knows the rules of telephone numbers, choices and the like, and says which it was.
        if (!isReference(field) && !unreadable) return { ok: true as const, value: text.trim() };
        const key = isReference(field) ? 'grid.paste_no_match' : unreadable?.(text);
        return { ...parsed, reason: t(key ?? 'grid.paste_unread') };
      };
      const etags = new Map(lines.map(({ record }) => [record.id, record['@odata.etag']]));
      const run = new PasteRun({
        lines,
        outside,
        read,
        stopped: t('grid.paste_stopped'),
        send: (changes) =>
          updateMany(
            collection,
            changes.map((each) => ({
              ...each,
              etag: knownEtag(client, collection, each.id) ?? etags.get(each.id),
            })),
          ),
        reasonOf: (problem) => (problem.status === 412 ? t('grid.paste_changed') : problem.message),
        onWritten: (record, texts) => {
          etags.set(record.id, record['@odata.etag']);
          const pasted = Object.fromEntries(Object.keys(texts).map((name) => [name, record[name]]));
          const change = { ...withDisplays(object, pasted, texts), ...record };
          patchCaches(client, collection, record.id, change);
          void client.invalidateQueries({ queryKey: ['timeline', collection, record.id] });
        },
      });
      const undo = async () => {
        const { failed, reason } = await run.undo();
        void client.invalidateQueries({ queryKey: ['list', collection] });
        if (failed === 0) showToast({ kind: 'info', text: t('grid.paste_undone') });
        else {
          const text = t('grid.paste_undo_failed', { count: failed, reason });
          showToast({ kind: 'error', text });
        }
      };
      const question: PasteQuestion = { run, label: object.label, undo: () => void undo() };
      const timer = window.setTimeout(() => showPaste(question), patience);
      await run.run();
      window.clearTimeout(timer);
      const { written, refused } = run.state();
      if (refused.length > 0) return showPaste(question);
      showPaste(null);
      if (written === 0) return;
      showToast({
        kind: 'success',
        text: t('grid.pasted', { count: written }),
        action: { label: t('common.undo'), run: question.undo },
      });
    },
    [client, descriptor, format, hasMore, model, object, t],
  );
}

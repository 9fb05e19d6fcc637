import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { isReference } from '@/api/meta';
import { isProblem, withLabel } from '@/api/problem';
import type { ObjectMeta, RecordData } from '@/api/types';
import { showToast } from '@/ui/toast';
import { useRecordWorld } from '../context';
import { isEditable, kindOf } from '../fields/registry';
import { makeLookUp } from '../fields/shared/lookUp';
import type { Save } from '../useSave';

/** Writes a block of cells from a spreadsheet over the rows and columns from a cell onwards. */
export function usePaste(
  object: ObjectMeta,
  rows: readonly RecordData[],
  columns: readonly string[],
  save: Save,
) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  return useCallback(
    async (block: string[][], at: { row: number; column: number }) => {
      const lookUp = makeLookUp(model);
      let written = 0;
      const refused: string[] = [];
      const work = block.map(async (line, down) => {
        const record = rows[at.row + down];
        if (!record) return;
        const change: Record<string, unknown> = {};
        const displays: Record<string, string> = {};
        for (const [right, text] of line.entries()) {
          const field = object.fields.find((each) => each.name === columns[at.column + right]);
          if (!field) continue;
          const read = isReference(field) ? lookUp : kindOf(field).fromText;
          const parsed =
            isEditable(field) && read ? await read(text, field) : { ok: false as const };
          if (parsed.ok) {
            change[field.name] = parsed.value;
            displays[field.name] = text.trim();
          } else refused.push(`${field.label}: ${text}`);
        }
        const names = Object.keys(change);
        if (names.length === 0) return;
        try {
          await save(record, change, displays, { quiet: true });
          written += names.length;
        } catch (error) {
          const fields = isProblem(error) ? error.fields : [];
          for (const { field, message } of fields) {
            const label = object.fields.find((each) => each.name === field)?.label;
            refused.push(label ? withLabel(label, message) : message);
          }
          if (fields.length === 0) refused.push((error as Error).message);
        }
      });
      await Promise.all(work);
      if (written > 0) showToast({ kind: 'success', text: t('grid.pasted', { count: written }) });
      if (refused.length > 0) {
        showToast({
          kind: 'error',
          text: t('grid.paste_refused', { count: refused.length, example: refused[0] }),
        });
      }
    },
    [columns, model, object, rows, save, t],
  );
}

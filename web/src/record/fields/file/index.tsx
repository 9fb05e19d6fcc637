import { Paperclip } from 'lucide-react';
import { filesIn } from '@/api/files';
import type { CellProps, FieldKind } from '../kind';
import { lazyInput } from '../shared/lazy';

function names(value: unknown): string[] {
  // What is masked comes as stars.
  const masked = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return [...masked, ...filesIn(value).map((file) => file.name ?? `#${file.id}`)];
}

function FileCell({ value }: CellProps) {
  const found = names(value);
  if (found.length === 0) return null;
  return (
    <span className="line" style={{ gap: 4 }}>
      <Paperclip size={13} aria-hidden="true" />
      <span className="t">{found.join('、')}</span>
    </span>
  );
}

export const kind: FieldKind = {
  Cell: FileCell,
  Input: lazyInput(() => import('./FileInput').then((m) => m.default), {}),
  align: 'start',
  width: 160,
  operators: [],
  toText: (value) => names(value).join('、'),
  fromText: null,
  multiline: true,
  ownPlace: true,
};

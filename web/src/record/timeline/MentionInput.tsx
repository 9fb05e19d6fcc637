import { useQuery } from '@tanstack/react-query';
import { Input } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { type ComponentProps, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '@/api/client';
import type { Page } from '@/api/types';
import { Person } from '@/ui/basics';
import { isComposing } from '@/ui/keyboard';
import { useRecordWorld } from '../context';
import { type Mentioned, mentionAt, withMention } from './mentions';

const most = 6;

/** Colleagues whose names fit; nobody is asked for while no @ was typed. */
function usePeople(query: string | null): Mentioned[] {
  const { me, model } = useRecordWorld();
  const [settled, setSettled] = useState(query);
  useLayoutEffect(() => {
    const timer = window.setTimeout(() => setSettled(query), query ? 180 : 0);
    return () => window.clearTimeout(timer);
  }, [query]);
  const hasStatus = model.object('user')?.fields.some(({ name }) => name === 'status');
  const { data } = useQuery({
    queryKey: ['choices', 'users', 'mention', settled],
    enabled: query !== null && settled !== null,
    staleTime: 30_000,
    queryFn: async ({ signal }) => {
      const parameters = new URLSearchParams({ $select: 'id,name', $top: String(most) });
      parameters.set('$filter', `${hasStatus ? "status eq 'active' and " : ''}id ne ${me}`);
      if (settled) parameters.set('$search', settled);
      const page = await get<Page>(`/users?${parameters}`, { signal });
      return page.value.map((row) => ({ id: row.id, name: String(row.name ?? '') }));
    },
  });
  // What came for other letters is not offered: Enter would choose somebody else.
  return query !== null && query === settled ? (data ?? []) : [];
}

/** A text area that offers colleagues as soon as an @ is typed. */
export function MentionInput({
  value,
  onChange,
  onMention,
  onKeyDown,
  ...rest
}: Omit<ComponentProps<typeof Input.TextArea>, 'value' | 'onChange' | 'ref'> & {
  value: string;
  onChange: (text: string) => void;
  onMention: (person: Mentioned) => void;
}) {
  const { t } = useTranslation();
  const list = useId();
  const area = useRef<TextAreaRef>(null);
  const [looking, setLooking] = useState<{ at: number; query: string } | null>(null);
  const [active, setActive] = useState(0);
  const caret = useRef<number | null>(null);
  const people = usePeople(looking?.query ?? null);
  const at = Math.min(active, people.length - 1);

  // The caret goes behind the name once the text with the name is there.
  useLayoutEffect(() => {
    const field = area.current?.resizableTextArea?.textArea;
    if (caret.current === null || !field || field.value !== value) return;
    field.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  const look = (field: HTMLTextAreaElement) => {
    setLooking(mentionAt(field.value, field.selectionStart));
    setActive(0);
  };
  const choose = (person: Mentioned) => {
    const field = area.current?.resizableTextArea?.textArea;
    if (!field || !looking) return;
    const next = withMention(value, looking.at, field.selectionStart, person.name);
    caret.current = next.caret;
    setLooking(null);
    onMention(person);
    onChange(next.text);
    field.focus();
  };
  return (
    <div className="mention">
      <Input.TextArea
        {...rest}
        ref={area}
        value={value}
        aria-autocomplete="list"
        aria-controls={people.length > 0 ? list : undefined}
        aria-activedescendant={people.length > 0 ? `${list}-${people[at].id}` : undefined}
        onChange={(event) => {
          onChange(event.target.value);
          look(event.target);
        }}
        onBlur={() => setLooking(null)}
        onKeyDown={(event) => {
          if (people.length > 0 && !isComposing(event)) {
            const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
            const plain = !event.ctrlKey && !event.metaKey;
            if (step !== 0) setActive((at + step + people.length) % people.length);
            else if ((event.key === 'Enter' || event.key === 'Tab') && plain) choose(people[at]);
            else if (event.key === 'Escape') setLooking(null);
            if (step !== 0 || ['Enter', 'Tab', 'Escape'].includes(event.key)) {
              if (plain) {
                event.preventDefault();
                event.stopPropagation();
                return;
              }
            }
          }
          onKeyDown?.(event);
        }}
      />
      {people.length > 0 && (
        <div id={list} className="mention-list" role="listbox" aria-label={t('composer.mention')}>
          {people.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys belong to the text area
            <div
              key={person.id}
              id={`${list}-${person.id}`}
              role="option"
              aria-selected={index === at}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(person)}
            >
              <Person name={person.name} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

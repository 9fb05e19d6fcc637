import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, newIdempotencyKey } from '@/api/client';
import { isProblem } from '@/api/problem';
import { createRecord, deleteRecord } from '@/api/records';
import { useSession } from '@/api/session';
import type { Page, RecordData } from '@/api/types';
import { Bones, Notice, Person } from '@/ui/basics';
import { useDraft } from '@/ui/draft';
import { useFormat } from '@/ui/format';
import { isMac, isSubmit } from '@/ui/keyboard';
import { Markdown } from '@/ui/markdown/Markdown';
import { showToast } from '@/ui/toast';
import { useRecordWorld } from '../context';
import type { Activity } from './FollowUp';
import { MentionInput } from './MentionInput';
import { type Mentioned, stillMentioned } from './mentions';

interface Draft {
  content: string;
  people: Mentioned[];
  key: string;
}
const fresh = (): Draft => ({ content: '', people: [], key: newIdempotencyKey() });

const aDay = 86_400_000;
const keyOf = (activity: number) => ['comments', activity];

async function fetchComments(activity: number): Promise<RecordData[]> {
  const parameters = new URLSearchParams({
    $filter: `activity_id eq ${activity}`,
    $select: 'id,content,created_at,created_by',
    $expand: 'created_by_user($select=name)',
    $orderby: 'created_at,id',
    $top: '200',
  });
  return (await get<Page>(`/activity_comments?${parameters}`)).value;
}

function nameOf(comment: RecordData): string {
  const by = comment.created_by_user;
  return by && typeof by === 'object' && 'name' in by ? String(by.name ?? '') : '';
}

function Comment({ comment, onDelete }: { comment: RecordData; onDelete?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const at = String(comment.created_at);
  return (
    <li className="comment" data-pending={comment.id < 0 || undefined}>
      <div className="comment-head">
        <Person name={nameOf(comment)} />
        <span className="grow" />
        <time dateTime={at} title={format.dateTime(at)}>
          {format.relative(at)}
        </time>
        {onDelete && (
          <button
            type="button"
            className="icon-button"
            aria-label={t('comment.delete')}
            title={t('comment.delete_why')}
            onClick={onDelete}
          >
            <Trash2 size={13} aria-hidden="true" />
          </button>
        )}
      </div>
      <Markdown text={String(comment.content ?? '')} />
    </li>
  );
}

/** Comments of a follow-up, the oldest first, and the place to write one. */
export default function CommentList({ activity }: { activity: Activity }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const session = useSession();
  const { model } = useRecordWorld();
  const query = useQuery({
    queryKey: keyOf(activity.id),
    queryFn: () => fetchComments(activity.id),
    staleTime: 10_000,
  });
  const draft = useDraft<Draft>(`comment.${activity.id}`, fresh());
  const [message, setMessage] = useState<string | null>(null);
  const { content } = draft.value;
  const set = (change: (before: RecordData[]) => RecordData[]) =>
    client.setQueryData<RecordData[]>(keyOf(activity.id), (before) => change(before ?? []));
  const refresh = async () => {
    await client.invalidateQueries({ queryKey: keyOf(activity.id) });
    void client.invalidateQueries({ queryKey: ['timeline'] });
  };
  const say = useMutation({
    mutationFn: ({ content, people, key }: Draft) => {
      const mention_ids = stillMentioned(content, people).map(({ id }) => id);
      return createRecord(
        'activity_comments',
        { activity_id: activity.id, content, ...(mention_ids.length > 0 ? { mention_ids } : {}) },
        key,
      );
    },
    // It stands there at once; when it does not arrive, it goes back into the input.
    onMutate: async (said) => {
      setMessage(null);
      await client.cancelQueries({ queryKey: keyOf(activity.id) });
      const { id, name } = session.user;
      set((before) => [
        ...before,
        {
          id: -Date.now(),
          content: said.content,
          created_at: new Date().toISOString(),
          created_by: id,
          created_by_user: { name },
        } as RecordData,
      ]);
      draft.clear(fresh());
    },
    onError: (error, said) => {
      set((before) => before.filter(({ id }) => id > 0));
      draft.set((now) => (now.content === '' ? { ...said, key: newIdempotencyKey() } : now));
      setMessage(
        isProblem(error) ? (error.fields[0]?.message ?? error.message) : t('error.offline_kept'),
      );
    },
    onSettled: refresh,
  });
  const submit = () => {
    if (content.trim() !== '' && !say.isPending) say.mutate(draft.value);
  };
  const takeBack = async (comment: RecordData) => {
    set((before) => before.filter(({ id }) => id !== comment.id));
    try {
      await deleteRecord('activity_comments', comment.id, undefined);
    } catch (error) {
      showToast({ kind: 'error', text: (error as Error).message });
    }
    await refresh();
  };
  const isOwn = (comment: RecordData) =>
    comment.id > 0 &&
    comment.created_by === session.user.id &&
    Date.now() - Date.parse(String(comment.created_at)) < aDay;
  const comments = query.data ?? [];
  return (
    <section className="comments-open" aria-label={t('comment.title')}>
      {query.isPending && <Bones rows={2} />}
      {query.isError && <Notice kind="error">{query.error.message}</Notice>}
      {query.isSuccess && comments.length === 0 && <p className="muted">{t('comment.none')}</p>}
      {comments.length > 0 && (
        <ul className="comment-list">
          {comments.map((comment) => (
            <Comment
              key={comment.id}
              comment={comment}
              onDelete={isOwn(comment) ? () => void takeBack(comment) : undefined}
            />
          ))}
        </ul>
      )}
      {model.can('activity_comment', 'create') && (
        <div className="comment-composer">
          {message && <Notice kind="error">{message}</Notice>}
          <MentionInput
            value={content}
            autoSize={{ minRows: 1, maxRows: 6 }}
            maxLength={2000}
            placeholder={t('comment.placeholder')}
            aria-label={t('comment.placeholder')}
            onChange={(next) => draft.set((before) => ({ ...before, content: next }))}
            onMention={(person) =>
              draft.set((before) => ({ ...before, people: [...before.people, person] }))
            }
            onKeyDown={(event) => {
              if (isSubmit(event)) {
                event.preventDefault();
                submit();
              }
            }}
          />
          <Button
            size="small"
            type="primary"
            disabled={content.trim() === ''}
            title={isMac ? '⌘ Enter' : 'Ctrl Enter'}
            onClick={submit}
          >
            {t('comment.send')}
          </Button>
        </div>
      )}
    </section>
  );
}

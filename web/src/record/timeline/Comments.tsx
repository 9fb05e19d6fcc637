import { MessageCircle } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '../context';
import type { Activity } from './FollowUp';

const CommentList = lazy(() => import('./CommentList'));

/** How many comments a follow-up has; they unfold below it. */
export function Comments({ activity }: { activity: Activity }) {
  const { t } = useTranslation();
  const { model } = useRecordWorld();
  const [open, setOpen] = useState(false);
  if (!model.can('activity_comment', 'read')) return null;
  const count = activity.comment_count ?? 0;
  return (
    <div className="comments">
      <button
        type="button"
        className="link-button comments-toggle"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <MessageCircle size={13} strokeWidth={1.75} aria-hidden="true" />
        {count > 0 ? t('comment.count', { count }) : t('comment.write')}
      </button>
      {open && (
        <Suspense fallback={null}>
          <CommentList activity={activity} />
        </Suspense>
      )}
    </div>
  );
}

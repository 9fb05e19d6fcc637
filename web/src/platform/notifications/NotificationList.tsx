import { Button } from 'antd';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty, Notice, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import { showToast } from '@/ui/toast';
import { useMarkRead, useNotifications } from './useNotifications';

/** Notifications, newest first; opening one marks it as read. */
export default function NotificationList({ onNavigate }: { onNavigate?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hrefOf, openRecord } = useRecordWorld();
  const [only, setOnly] = useState<'all' | 'unread'>('all');
  const query = useNotifications(only === 'unread');
  const markRead = useMarkRead();
  const items = (query.data?.pages ?? []).flatMap((page) => page.value);
  const mark = (ids: number[] | 'all') =>
    markRead(ids).catch((error: Error) => showToast({ kind: 'error', text: error.message }));
  return (
    <div className="notifications">
      <div className="line notifications-bar">
        <Tabs
          label={t('notifications.which')}
          items={[
            { key: 'all', label: t('notifications.all') },
            { key: 'unread', label: t('notifications.unread') },
          ]}
          value={only}
          onChange={setOnly}
        />
        <span className="grow" />
        <button type="button" className="link-button" onClick={() => mark('all')}>
          {t('notifications.read_all')}
        </button>
      </div>
      {query.isPending && <Bones rows={5} />}
      {query.isError && <Notice kind="error">{query.error.message}</Notice>}
      {query.isSuccess && items.length === 0 && (
        <Empty
          icon={<BellOff size={24} />}
          title={t('notifications.none_title')}
          text={t('notifications.none_text')}
        />
      )}
      <ul>
        {items.map((item) => {
          const target = item.object && item.record_id !== null ? item.object : null;
          return (
            <li
              key={item.id}
              className="notification"
              data-unread={item.read_at === null || undefined}
            >
              <span className="notification-dot" aria-hidden="true" />
              <div className="grow">
                {target ? (
                  <a
                    href={hrefOf(target, item.record_id as number)}
                    onClick={(event) => {
                      if (item.read_at === null) void mark([item.id]);
                      if (event.metaKey || event.ctrlKey) return;
                      event.preventDefault();
                      onNavigate?.();
                      openRecord(target, item.record_id as number, { page: true });
                    }}
                  >
                    {item.text}
                  </a>
                ) : (
                  <span>{item.text}</span>
                )}
                <div className="line muted notification-facts">
                  <time dateTime={item.created_at}>{format.relative(item.created_at)}</time>
                  {item.read_at === null && (
                    <button type="button" className="link-button" onClick={() => mark([item.id])}>
                      {t('notifications.mark_read')}
                    </button>
                  )}
                </div>
              </div>
            </li>
          );
        })}
      </ul>
      {query.hasNextPage && (
        <Button
          block
          type="text"
          loading={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {t('notifications.older')}
        </Button>
      )}
    </div>
  );
}

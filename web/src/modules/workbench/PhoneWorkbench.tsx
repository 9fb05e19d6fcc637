import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Bones, Card, Tabs } from '@/ui/basics';
import { AsOf, Calls, Figures, Ranking, Recent, SalesFunnel, Tasks, Trend } from './parts';
import { useGreeting, useWorkbench } from './useWorkbench';

/** The workbench on the phone: what to do first, how it is going below. */
export default function PhoneWorkbench({ name }: { name: string }) {
  const { t } = useTranslation();
  const greeting = useGreeting(name);
  const { query, scope, choose } = useWorkbench();
  const { data } = query;
  return (
    <div className="page">
      <header className="phone-head">
        <h1>{greeting}</h1>
      </header>
      <div className="phone-scroll" tabIndex={0} role="region" aria-label={t('workbench.title')}>
        {query.isError && (
          <div className="empty" role="alert">
            <h2>{t('list.failed')}</h2>
            <p>{query.error.message}</p>
            <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
          </div>
        )}
        {query.isPending && <Bones rows={12} />}
        {data && (
          <div className="phone-workbench">
            {data.scopes.length > 1 && (
              <Tabs
                label={t('workbench.scope')}
                items={data.scopes.map((key) => ({ key, label: t(`workbench.scope_${key}`) }))}
                value={scope}
                onChange={choose}
              />
            )}
            <Card
              title={t('workbench.tasks')}
              note={<span className="muted">{data.tasks.length}</span>}
            >
              <Tasks tasks={data.tasks} />
            </Card>
            <Card
              title={t('workbench.calls')}
              note={<span className="muted">{data.calls.length}</span>}
            >
              <Calls calls={data.calls} />
            </Card>
            <div className="phone-figures">
              <Figures figures={data.figures} />
            </div>
            <Card title={t('workbench.funnel')}>
              <SalesFunnel funnel={data.funnel} />
            </Card>
            <Card title={t('workbench.trend')}>
              <Trend trend={data.trend.slice(-6)} width={340} />
            </Card>
            <Card title={t('workbench.ranking')}>
              <Ranking ranking={data.ranking} />
            </Card>
            <Card title={t('workbench.recent')}>
              <Recent recent={data.recent} />
            </Card>
            <AsOf at={data.as_of} />
          </div>
        )}
      </div>
    </div>
  );
}

import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Bones, Card, Tabs } from '@/ui/basics';
import { useFormat } from '@/ui/format';
import {
  AsOf,
  Calls,
  Figures,
  Ranking,
  Recent,
  SalesFunnel,
  Tasks,
  Trend,
  totalConversion,
} from './parts';
import { useGreeting, useWorkbench } from './useWorkbench';

/** What a seller looks at first: figures, today's work, and how the sales are going. */
export default function WorkbenchPage({ name }: { name: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { query, scope, choose } = useWorkbench();
  const { data } = query;
  const greeting = useGreeting(name);
  const total = data ? totalConversion(data.funnel) : null;
  return (
    <div className="page">
      <header className="page-bar">
        <h1>{greeting}</h1>
        {data && data.scopes.length > 1 && (
          <Tabs
            label={t('workbench.scope')}
            items={data.scopes.map((key) => ({ key, label: t(`workbench.scope_${key}`) }))}
            value={scope}
            onChange={choose}
          />
        )}
        {data && (
          <>
            <span className="grow" />
            <AsOf at={data.as_of} />
          </>
        )}
      </header>
      {query.isError && (
        <div className="empty" role="alert">
          <h2>{t('list.failed')}</h2>
          <p>{query.error.message}</p>
          <Button onClick={() => query.refetch()}>{t('common.retry')}</Button>
        </div>
      )}
      {query.isPending && (
        <div className="workbench" aria-busy="true">
          {[1, 2, 3, 4].map((at) => (
            <div key={at} className="card figure">
              <Bones rows={3} />
            </div>
          ))}
          <div className="card half card-body">
            <Bones rows={10} />
          </div>
          <div className="card half card-body">
            <Bones rows={10} />
          </div>
        </div>
      )}
      {data && (
        <div className="workbench" tabIndex={0} role="region" aria-label={t('workbench.title')}>
          <Figures figures={data.figures} />
          <Card
            className="half"
            title={t('workbench.tasks')}
            note={<span className="muted">{data.tasks.length}</span>}
          >
            <Tasks tasks={data.tasks} />
          </Card>
          <Card
            className="half"
            title={t('workbench.calls')}
            note={<span className="muted">{data.calls.length}</span>}
          >
            <Calls calls={data.calls} />
          </Card>
          <Card
            className="half"
            title={t('workbench.funnel')}
            note={
              total !== null && (
                <span className="muted">
                  {t('workbench.total_conversion', { percent: format.percent(total) })}
                </span>
              )
            }
          >
            <SalesFunnel funnel={data.funnel} />
          </Card>
          <Card className="half" title={t('workbench.trend')}>
            <Trend trend={data.trend} height={290} />
          </Card>
          <Card className="half" title={t('workbench.ranking')}>
            <Ranking ranking={data.ranking} />
          </Card>
          <Card className="half" title={t('workbench.recent')}>
            <Recent recent={data.recent} />
          </Card>
        </div>
      )}
    </div>
  );
}

import { Input } from 'antd';
import { Search, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { useGlobalSearch } from './useGlobalSearch';

/** Search on a page of its own, for phones and for long lists of hits. */
export default function SearchPage({
  text,
  onText,
}: {
  text: string;
  onText: (text: string) => void;
}) {
  const { t } = useTranslation();
  const { model, hrefOf, openRecord } = useRecordWorld();
  const [typed, setTyped] = useState(text);
  const query = useGlobalSearch(typed, 100);
  const hits = typed.trim() === '' ? [] : (query.data?.value ?? []);
  return (
    <div className="page narrow-page">
      <header className="page-bar">
        <h1>{t('search.title')}</h1>
      </header>
      <div className="page-scroll">
        <Input
          size="large"
          autoFocus
          allowClear
          prefix={<Search size={16} aria-hidden="true" />}
          placeholder={t('search.placeholder')}
          aria-label={t('search.placeholder')}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={() => onText(typed)}
        />
        {query.isLoading && <Bones rows={5} />}
        {query.isSuccess && hits.length === 0 && typed.trim() !== '' && (
          <Empty
            icon={<SearchX size={24} />}
            title={t('empty.no_match_title')}
            text={t('search.none')}
          />
        )}
        <ul className="search-hits">
          {hits.map((hit) => (
            <li key={`${hit.object}.${hit.id}`}>
              <a
                className="search-hit"
                href={hrefOf(hit.object, hit.id)}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey) return;
                  event.preventDefault();
                  onText(typed);
                  openRecord(hit.object, hit.id, { page: true });
                }}
              >
                <span className="record-sign" aria-hidden="true">
                  <Icon name={model.object(hit.object)?.icon} />
                </span>
                <span className="grow">
                  <strong className="ellipsis">{hit.title}</strong>
                  <span className="row-sub">{hit.subtitle}</span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

import { Input } from 'antd';
import { Search, SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Bones, Empty } from '@/ui/basics';
import { Icon } from '@/ui/Icon';
import { useTypedText } from '@/ui/useTypedText';
import { searchPause, useGlobalSearch } from './useGlobalSearch';

/** More than anybody reads; who has not found it adds a word. */
const mostHits = 100;

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
  const typed = useTypedText(text, onText, searchPause);
  const query = useGlobalSearch(text, mostHits);
  const hits = text.trim() === '' ? [] : (query.data?.value ?? []);
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
          {...typed.box}
        />
        {query.isLoading && <Bones rows={5} />}
        {query.isSuccess && hits.length === 0 && text.trim() !== '' && (
          <Empty
            icon={<SearchX size={24} />}
            title={t('empty.no_match_title')}
            text={t('search.none')}
          />
        )}
        {hits.length > 0 && (
          <p className="muted search-count" aria-live="polite">
            {t(hits.length < mostHits ? 'search.count' : 'search.first', { count: hits.length })}
          </p>
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

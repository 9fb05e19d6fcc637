import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecordWorld } from '@/record/context';
import { Icon } from '@/ui/Icon';
import { useTypedText } from '@/ui/useTypedText';
import { searchPause, useGlobalSearch } from '../search/useGlobalSearch';

export interface PaletteCommand {
  key: string;
  group: 'go' | 'create' | 'command';
  label: string;
  /** Pinyin, initials and English words that also find it. */
  keywords: string;
  icon: ReactNode;
  keys?: string[];
  run: () => void;
}

function matches(command: PaletteCommand, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  return (
    command.label.toLowerCase().includes(wanted) ||
    command.keywords.split(' ').some((word) => word.startsWith(wanted))
  );
}

/** One box for everything: go somewhere, create something, find a record. */
export default function Palette({
  commands,
  onSearch,
  onClose,
}: {
  commands: readonly PaletteCommand[];
  /** Shows everything that is found, on a page of its own. */
  onSearch: (text: string) => void;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { model, openRecord } = useRecordWorld();
  const [wanted, setWanted] = useState('');
  const { text, setText, box } = useTypedText(wanted, setWanted, searchPause);
  const search = useGlobalSearch(wanted, 12);
  const hits = text.trim() === '' ? [] : (search.data?.value ?? []);
  const run = (action: () => void) => {
    onClose();
    action();
  };
  const groups = (['go', 'create', 'command'] as const).map((group) => ({
    group,
    items: commands.filter((command) => command.group === group && matches(command, text)),
  }));
  return (
    <Command.Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      label={t('palette.title')}
      shouldFilter={false}
      loop
    >
      <Command.Input
        value={text}
        onValueChange={setText}
        onCompositionStart={box.onCompositionStart}
        onCompositionEnd={box.onCompositionEnd}
        placeholder={t('palette.placeholder')}
        aria-label={t('palette.placeholder')}
      />
      <Command.List label={t('palette.results')}>
        <Command.Empty>{search.isFetching ? t('common.loading') : t('palette.none')}</Command.Empty>
        {hits.length > 0 && (
          <Command.Group heading={t('palette.records')}>
            {hits.map((hit) => (
              <Command.Item
                key={`${hit.object}.${hit.id}`}
                value={`${hit.object}.${hit.id}`}
                onSelect={() => run(() => openRecord(hit.object, hit.id, { page: true }))}
              >
                <Icon name={model.object(hit.object)?.icon} />
                <span className="grow ellipsis">{hit.title}</span>
                <span className="muted">{hit.subtitle}</span>
              </Command.Item>
            ))}
            <Command.Item value="all_results" onSelect={() => run(() => onSearch(text.trim()))}>
              <Search size={16} aria-hidden="true" />
              <span className="grow ellipsis">
                {t('palette.all_results', { text: text.trim() })}
              </span>
            </Command.Item>
          </Command.Group>
        )}
        {groups.map(
          ({ group, items }) =>
            items.length > 0 && (
              <Command.Group key={group} heading={t(`palette.${group}`)}>
                {items.map((command) => (
                  <Command.Item
                    key={command.key}
                    value={command.key}
                    onSelect={() => run(command.run)}
                  >
                    {command.icon}
                    <span className="grow ellipsis">{command.label}</span>
                    {command.keys?.map((key) => (
                      <kbd key={key} className="kbd">
                        {key}
                      </kbd>
                    ))}
                  </Command.Item>
                ))}
              </Command.Group>
            ),
        )}
      </Command.List>
    </Command.Dialog>
  );
}

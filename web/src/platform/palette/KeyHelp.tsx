import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { isMac } from '@/ui/keyboard';

/** What the keys do. */
export default function KeyHelp({
  places,
  onClose,
}: {
  places: { keys: string[]; label: string }[];
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const mod = isMac ? '⌘' : 'Ctrl';
  const groups: { title: string; lines: { keys: string[]; label: string }[] }[] = [
    {
      title: t('keys.everywhere'),
      lines: [
        { keys: [mod, 'K'], label: t('keys.palette') },
        { keys: ['/'], label: t('keys.search') },
        { keys: ['C'], label: t('keys.create') },
        { keys: ['?'], label: t('keys.help') },
        { keys: ['Esc'], label: t('keys.close') },
      ],
    },
    { title: t('keys.go'), lines: places },
    {
      title: t('keys.list'),
      lines: [
        { keys: ['J', 'K'], label: t('keys.rows') },
        { keys: ['Enter'], label: t('keys.open') },
        { keys: ['E'], label: t('keys.edit') },
        { keys: ['X'], label: t('keys.select') },
        { keys: ['Shift', 'X'], label: t('keys.select_range') },
        { keys: ['S'], label: t('keys.sort') },
        { keys: ['[', ']'], label: t('keys.narrower_wider') },
        { keys: ['↑'], label: t('keys.headings') },
        { keys: ['F'], label: t('keys.filter') },
        { keys: [mod, 'C'], label: t('keys.copy') },
        { keys: [mod, 'V'], label: t('keys.paste') },
        { keys: [mod, 'Enter'], label: t('keys.save') },
      ],
    },
  ];
  return (
    <Modal open title={t('keys.title')} footer={null} onCancel={onClose} width={720}>
      <div className="key-help">
        {groups.map((group) => (
          <section key={group.title}>
            <p className="key-group">{group.title}</p>
            <dl>
              {group.lines.map((line) => (
                <div key={line.label} className="line">
                  <dt className="grow">{line.label}</dt>
                  <dd className="line" style={{ gap: 4 }}>
                    {line.keys.map((key) => (
                      <kbd key={key} className="kbd">
                        {key}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

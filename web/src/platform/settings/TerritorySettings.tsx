import { useQuery } from '@tanstack/react-query';
import { Map as MapIcon } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/client';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '@/record/context';
import { fieldKinds } from '@/record/fields/registry';
import { useRegions } from '@/record/fields/shared/names';
import { useDelete } from '@/record/form/useActions';
import { Empty } from '@/ui/basics';
import { useRefresh, useRows } from './data';
import { NewButton, RowsState, SectionHead } from './parts';
import { RecordEditor } from './RecordEditor';
import { SettingsTree, treeOf } from './SettingsTree';

const fields = ['name', 'parent_id', 'region_ids', 'manager_id', 'member_user_ids', 'order'];

/** Answers whose a place is, by the rules of the server. */
function PlaceLookUp({ rows }: { rows: readonly RecordData[] }) {
  const { t } = useTranslation();
  const input = useId();
  const [region, setRegion] = useState<number | null>(null);
  // The rows are part of the question: after a change of territories the answer may be another.
  const { data } = useQuery({
    queryKey: ['settings', 'territories', 'place', region, rows],
    enabled: region !== null,
    queryFn: () =>
      post<{ territory: { name: string } | null }>('/territories/resolve', { region_id: region }),
  });
  const RegionInput = fieldKinds.region.Input;
  if (!RegionInput) return null;
  return (
    <div className="card settings-place">
      <label htmlFor={input}>{t('settings.place_of')}</label>
      <div className="settings-place-input">
        <RegionInput
          id={input}
          field={{ name: 'region_id', type: 'region', label: t('settings.place_of') }}
          value={region}
          label={t('settings.place_of')}
          onChange={(value) => setRegion(typeof value === 'number' ? value : null)}
        />
      </div>
      <output htmlFor={input}>
        {region !== null &&
          data &&
          (data.territory
            ? t('settings.place_in', { name: data.territory.name })
            : t('settings.place_nowhere'))}
      </output>
    </div>
  );
}

function Territories({ object }: { object: ObjectMeta }) {
  const { t } = useTranslation();
  const regions = useRegions();
  const rows = useRows('territories', {
    expand: 'manager($select=name),parent($select=name)',
    orderby: 'order',
  });
  const users = useRows('users', { select: 'id,status' });
  const remove = useDelete(object);
  const refresh = useRefresh('territories');
  const [editing, setEditing] = useState<{ record: RecordData | null; parent?: RecordData } | null>(
    null,
  );
  const tree = useMemo(() => {
    const active = new Set(
      (users.data ?? []).filter(({ status }) => status === 'active').map(({ id }) => id),
    );
    return treeOf(rows.data ?? [], (row) =>
      [row.manager_id, ...((row.member_user_ids as number[] | undefined) ?? [])].filter(
        (id): id is number => active.has(id as number),
      ),
    );
  }, [rows.data, users.data]);
  const covered = (row: RecordData) =>
    ((row.region_ids as number[] | undefined) ?? [])
      .map((id) => regions?.get(id)?.name ?? '')
      .filter((name) => name !== '')
      .join(t('common.list_separator')) || t('settings.no_regions');
  return (
    <>
      <SectionHead title={t('settings.section.territories')} text={t('settings.territories_text')}>
        <NewButton
          label={t('settings.new_territory')}
          onClick={() => setEditing({ record: null })}
        />
      </SectionHead>
      <RowsState query={rows} />
      {rows.data && tree.length === 0 && (
        <Empty
          icon={<MapIcon size={26} />}
          title={t('settings.no_territories')}
          text={t('settings.territories_text')}
        />
      )}
      {rows.data && tree.length > 0 && (
        <>
          <SettingsTree
            tree={tree}
            addLabel={t('settings.add_territory_below')}
            note={covered}
            headOf={(row) => (row.manager as { name?: string } | null)?.name}
            onEdit={(record) => setEditing({ record })}
            onAdd={(parent) => setEditing({ record: null, parent })}
            onDelete={(record) => void remove([record]).then(refresh)}
          />
          <PlaceLookUp rows={rows.data} />
        </>
      )}
      {editing && (
        <RecordEditor
          object={object}
          title={editing.record ? undefined : t('settings.new_territory')}
          record={editing.record}
          fields={fields}
          preset={editing.parent ? { parent_id: editing.parent.id } : undefined}
          presetDisplays={editing.parent ? { parent_id: String(editing.parent.name) } : undefined}
          onClose={() => setEditing(null)}
        />
      )}
    </>
  );
}

export default function TerritorySettings() {
  const { model } = useRecordWorld();
  const object = model.object('territory');
  return object ? <Territories object={object} /> : null;
}

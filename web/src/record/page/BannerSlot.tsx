import { Suspense } from 'react';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '../context';
import { MergedNotice } from '../merge/MergedNotice';
import { DisputeNotice } from './DisputeNotice';
import { RecycleNotice } from './RecycleNotice';

/** The module's own part of a record page, such as the stage bar, below what is to be known first. */
export function BannerSlot({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const Banner = useRecordWorld().descriptor(object.name)?.Banner;
  return (
    <>
      <MergedNotice key={record.id} object={object} record={record} />
      <RecycleNotice record={record} />
      <DisputeNotice object={object} record={record} />
      {Banner && (
        <Suspense fallback={<div className="banner-wait" aria-busy="true" />}>
          <Banner object={object} record={record} />
        </Suspense>
      )}
    </>
  );
}

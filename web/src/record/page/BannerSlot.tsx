import { Suspense } from 'react';
import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '../context';

/** The module's own part of a record page, such as the stage bar. */
export function BannerSlot({ object, record }: { object: ObjectMeta; record: RecordData }) {
  const Banner = useRecordWorld().descriptor(object.name)?.Banner;
  if (!Banner) return null;
  return (
    <Suspense fallback={<div className="banner-wait" />}>
      <Banner object={object} record={record} />
    </Suspense>
  );
}

import type { ObjectMeta, RecordData } from '@/api/types';
import { useRecordWorld } from '../context';
import { Timeline } from '../timeline/Timeline';

/** What happened to the record, or to the one that it is a part of: a follow-up has no history of its own. */
export function TimelineSlot({
  object,
  record,
  compose,
}: {
  object: ObjectMeta;
  record: RecordData;
  compose: boolean;
}) {
  const { model, descriptor } = useRecordWorld();
  const about = descriptor(object.name);
  if (!about?.timelineOf) {
    return (
      <Timeline object={object} id={record.id} compose={compose && about?.followUps === true} />
    );
  }
  const subject = about.timelineOf(record);
  const other = subject ? model.object(subject.object) : undefined;
  return subject && other ? <Timeline object={other} id={subject.id} compose={false} /> : null;
}

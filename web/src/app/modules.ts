import { account } from '@/modules/account/descriptor';
import { activity } from '@/modules/activity/descriptor';
import { arbitration } from '@/modules/arbitration/descriptor';
import { contact } from '@/modules/contact/descriptor';
import { dataQuality } from '@/modules/data_quality/descriptor';
import { lead } from '@/modules/lead/descriptor';
import { opportunity, opportunityContact, pipeline } from '@/modules/opportunity/descriptor';
import { pool } from '@/modules/pool/descriptor';
import { tag } from '@/modules/tag/descriptor';
import { task } from '@/modules/task/descriptor';
import { webhook } from '@/modules/webhook/descriptor';
import type { ModuleDescriptor } from '@/record/context';

/** Every module with special screens. Adding one means adding its line here. */
export const modules: readonly ModuleDescriptor[] = [
  lead,
  account,
  contact,
  opportunity,
  opportunityContact,
  pipeline,
  arbitration,
  task,
  activity,
  tag,
  pool,
  dataQuality,
  webhook,
];

const byObject = new Map(modules.map((module) => [module.object, module]));

export function descriptorOf(object: string): ModuleDescriptor | undefined {
  return byObject.get(object);
}

import type { Meta, ObjectMeta } from '@/api/types';
import { metaFor } from './stub/model.mjs';

export const meta = metaFor('zh-CN') as unknown as Meta;

export function objectNamed(name: string): ObjectMeta {
  const object = meta.objects.find((candidate) => candidate.name === name);
  if (!object) throw new Error(`no object ${name}`);
  return object;
}

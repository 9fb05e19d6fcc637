import { act, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, it } from 'vitest';
import type { FieldMeta } from '@/api/types';
import { FormatProvider } from '@/ui/format';
import DateInput from './DateInput';
import { NumberInput, TextInput } from './inputs';

const settings = { language: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY' };

function Form({
  field,
  Input,
}: {
  field: FieldMeta;
  Input: typeof NumberInput | typeof DateInput;
}) {
  const [value, setValue] = useState<unknown>(null);
  return (
    <FormatProvider settings={settings}>
      <Input field={field} label="value" value={value} onChange={setValue} />
      <output>{JSON.stringify(value)}</output>
    </FormatProvider>
  );
}
const box = () => screen.getByRole('textbox', { name: 'value' }) as HTMLInputElement;
const type = (text: string) => {
  act(() => box().focus());
  fireEvent.input(box(), { target: { value: text } });
  act(() => box().blur());
};
const value = () => JSON.parse(screen.getByRole('status').textContent ?? '');

it('reads amounts as people write them, and keeps what is none', () => {
  render(
    <Form field={{ name: 'amount', type: 'money', label: '', scale: 2 }} Input={NumberInput} />,
  );
  type('12万');
  expect(value()).toBe(120000);
  expect(box().value).toBe('120000');
  type('1.5亿');
  expect(value()).toBe(150000000);
  type('约12万');
  expect(value()).toBe('约12万');
  expect(box().value).toBe('约12万');
  type('');
  expect(value()).toBeNull();
});

it('keeps a date that it cannot read until it can', () => {
  render(<Form field={{ name: 'day', type: 'date', label: '' }} Input={DateInput} />);
  type('下周一');
  expect(value()).toBe('下周一');
  expect(box().value).toBe('下周一');
  type('2026/3/1');
  expect(value()).toBe('2026-03-01');
  expect(box().value).toBe('2026-03-01');
});

it('lets a text be typed that is too long', () => {
  render(
    <Form field={{ name: 'name', type: 'text', label: '', max_length: 3 }} Input={TextInput} />,
  );
  expect(box().maxLength).not.toBe(3);
  type('一二三四');
  expect(value()).toBe('一二三四');
});

import { act, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useTypedText } from './useTypedText';

let asked: string[] = [];

function Box() {
  const [value, setValue] = useState('');
  const ask = (text: string) => {
    asked.push(text);
    setValue(text);
  };
  const { box } = useTypedText(value, ask, 300);
  return <input aria-label="search" {...box} />;
}

beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());
const wait = (milliseconds: number) => act(() => vi.advanceTimersByTime(milliseconds));

it('asks once, a moment after the last key', () => {
  render(<Box />);
  const input = screen.getByLabelText('search');
  fireEvent.change(input, { target: { value: 'h' } });
  wait(200);
  fireEvent.change(input, { target: { value: 'hw' } });
  wait(299);
  expect(asked).toEqual([]);
  wait(1);
  expect(asked).toEqual(['hw']);
  wait(1000);
  expect(asked).toEqual(['hw']);
});

it('does not ask for what an input method still composes', () => {
  render(<Box />);
  const input = screen.getByLabelText('search');
  fireEvent.compositionStart(input);
  fireEvent.change(input, { target: { value: "hua'w" } });
  wait(2000);
  fireEvent.keyDown(input, { key: 'Enter', keyCode: 229 });
  expect(asked).toEqual([]);
  fireEvent.change(input, { target: { value: '华为' } });
  fireEvent.compositionEnd(input);
  wait(300);
  expect(asked).toEqual(['华为']);
});

it('asks at once for what Enter confirms', () => {
  render(<Box />);
  const input = screen.getByLabelText('search');
  fireEvent.change(input, { target: { value: '华' } });
  fireEvent.keyDown(input, { key: 'Enter' });
  expect(asked).toEqual(['华']);
});

import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { isCancel, isCommit, isComposing, type Shortcuts, useShortcuts } from './keyboard';

function Page({ shortcuts }: { shortcuts: Shortcuts }) {
  useShortcuts(shortcuts);
  return <input aria-label="text" />;
}

describe('input methods', () => {
  it('leaves Enter and Escape to the candidate list', () => {
    expect(isCommit({ key: 'Enter' })).toBe(true);
    expect(isCommit({ key: 'Enter', isComposing: true })).toBe(false);
    expect(isCommit({ key: 'Enter', keyCode: 229 })).toBe(false);
    expect(isCommit({ key: 'Enter', nativeEvent: { isComposing: true } })).toBe(false);
    expect(isCancel({ key: 'Escape', keyCode: 229 })).toBe(false);
    expect(isComposing({ key: 'a', nativeEvent: { isComposing: false } })).toBe(false);
  });

  it('starts no shortcut while somebody composes', () => {
    const create = vi.fn();
    render(<Page shortcuts={{ c: create }} />);
    fireEvent.keyDown(document.body, { key: 'c', isComposing: true });
    fireEvent.keyDown(document.body, { key: 'c', keyCode: 229 });
    expect(create).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: 'c' });
    expect(create).toHaveBeenCalledTimes(1);
  });
});

describe('shortcuts', () => {
  it('rests while somebody types', () => {
    const create = vi.fn();
    const palette = vi.fn();
    render(<Page shortcuts={{ c: create, 'mod+k': palette }} />);
    const box = screen.getByLabelText('text');
    fireEvent.keyDown(box, { key: 'c' });
    expect(create).not.toHaveBeenCalled();
    fireEvent.keyDown(box, { key: 'k', ctrlKey: true });
    expect(palette).toHaveBeenCalledTimes(1);
  });

  it('understands sequences', () => {
    const leads = vi.fn();
    const l = vi.fn();
    render(<Page shortcuts={{ 'g l': leads, l }} />);
    fireEvent.keyDown(document.body, { key: 'l' });
    expect(l).toHaveBeenCalledTimes(1);
    fireEvent.keyDown(document.body, { key: 'g' });
    fireEvent.keyDown(document.body, { key: 'l' });
    expect(leads).toHaveBeenCalledTimes(1);
    expect(l).toHaveBeenCalledTimes(1);
  });

  it('rests under a dialog', () => {
    const create = vi.fn();
    render(
      <>
        <Page shortcuts={{ c: create }} />
        <div role="dialog" aria-modal="true" />
      </>,
    );
    fireEvent.keyDown(document.body, { key: 'c' });
    expect(create).not.toHaveBeenCalled();
    cleanup();
  });
});

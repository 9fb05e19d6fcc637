/** The colours of states that the design has tokens for, and the names that others use for them. */
const names: Record<string, string> = {
  amber: 'gold',
  blue: 'blue',
  cyan: 'cyan',
  emerald: 'green',
  gold: 'gold',
  gray: 'grey',
  green: 'green',
  grey: 'grey',
  indigo: 'purple',
  lime: 'green',
  magenta: 'purple',
  orange: 'orange',
  pink: 'red',
  purple: 'purple',
  red: 'red',
  rose: 'red',
  sky: 'cyan',
  slate: 'grey',
  teal: 'cyan',
  violet: 'purple',
  volcano: 'orange',
  yellow: 'gold',
};

export function tokenColor(color: string | null | undefined): string {
  return (color && names[color.toLowerCase()]) || 'grey';
}

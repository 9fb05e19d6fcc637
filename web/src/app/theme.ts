import { type ThemeConfig, theme } from 'antd';
import type { ThemeChoice } from '@/api/types';

/** The values of `ui/tokens.css` again, for the components of antd. */
export function makeTheme(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: 'kehai' },
    hashed: false,
    token: {
      colorPrimary: '#3457d5',
      // White text stays readable on a button under the pointer.
      colorPrimaryHover: dark ? '#4463da' : '#2a48b8',
      colorInfo: '#3457d5',
      colorLink: dark ? '#8ca2f5' : '#3457d5',
      colorSuccess: '#1f8a4c',
      colorWarning: '#b86e00',
      colorError: dark ? '#e5484d' : '#cf222e',
      fontFamily: 'inherit',
      fontSize: 13,
      borderRadius: 6,
      controlHeight: 30,
      controlHeightSM: 24,
      wireframe: false,
      colorBgBase: dark ? '#1b1d20' : '#ffffff',
      colorBgLayout: dark ? '#141517' : '#f7f8fa',
      colorBgContainer: dark ? '#1b1d20' : '#ffffff',
      colorBgElevated: dark ? '#222529' : '#ffffff',
      colorText: dark ? '#e4e6ea' : '#1d2129',
      colorBorder: dark ? '#3b3f46' : '#d5d9e0',
      colorBorderSecondary: dark ? '#2b2e33' : '#e8eaee',
      colorTextSecondary: dark ? '#a8adb7' : '#596170',
      colorTextTertiary: dark ? '#979daa' : '#667085',
      colorTextQuaternary: dark ? '#979daa' : '#667085',
      colorTextPlaceholder: dark ? '#979daa' : '#667085',
      colorTextDescription: dark ? '#a8adb7' : '#596170',
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
    components: {
      Modal: { titleFontSize: 15 },
      // Text of this colour, and on it under the pointer, is small.
      Dropdown: dark
        ? { colorError: '#ff8389', colorTextLightSolid: '#1b1d20', colorPrimary: '#a9b9f7' }
        : {},
      Button: {
        defaultHoverColor: dark ? '#a9b9f7' : '#2a48b8',
        defaultActiveColor: dark ? '#a9b9f7' : '#2a48b8',
        defaultHoverBorderColor: dark ? '#8ca2f5' : '#3457d5',
        defaultActiveBorderColor: dark ? '#8ca2f5' : '#3457d5',
        fontWeight: 400,
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
      },
    },
  };
}

const keptKey = 'kehai.theme';

export function keptTheme(): ThemeChoice {
  const kept = localStorage.getItem(keptKey);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}

export function keepTheme(choice: ThemeChoice): void {
  localStorage.setItem(keptKey, choice);
}

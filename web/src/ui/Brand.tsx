/** The mark of the product: two waves and a sun. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3457d5" />
      <path
        d="M6 13c3.300 0 3.300 3 6.700 3S16 13 19.300 13 22.700 16 26 16"
        fill="none"
        stroke="#fff"
        strokeWidth="2.600"
        strokeLinecap="round"
      />
      <path
        d="M6 20c3.300 0 3.300 3 6.700 3S16 20 19.300 20 22.700 23 26 23"
        fill="none"
        stroke="#fff"
        strokeOpacity=".65"
        strokeWidth="2.600"
        strokeLinecap="round"
      />
      <circle cx="22.500" cy="8.500" r="2.500" fill="#fff" />
    </svg>
  );
}

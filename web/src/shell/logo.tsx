// The mark: light that fades on its way down.

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="15" class="logo-water" />
      <path d="M5 12c3.7-2.6 7.3-2.6 11 0s7.3 2.6 11 0" class="logo-wave" />
      <path d="M6.5 18c3.2-2.2 6.3-2.2 9.5 0s6.300 2.200 9.500 0" class="logo-wave two" />
      <path d="M10 23.500c2-1.400 4-1.400 6 0s4 1.400 6 0" class="logo-wave three" />
    </svg>
  );
}

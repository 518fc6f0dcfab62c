/** Chalknet's sign: three neurons, drawn with chalk on a board. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#234f42" />
      <path
        d="M8 10 16 22 24 10"
        fill="none"
        stroke="#f4f1e8"
        strokeWidth="2.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <g fill="#f4f1e8">
        <circle cx="8" cy="10" r="3.2" />
        <circle cx="24" cy="10" r="3.2" />
        <circle cx="16" cy="22" r="3.2" />
      </g>
    </svg>
  );
}

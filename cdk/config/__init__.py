"""The deployment file: one for each account and region, read strictly, as frozen values. Knows no construct library."""

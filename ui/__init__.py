"""The screen of the shop: reads only `shopcrm.shop` and `shopcrm.basics`; see ui/ARCHITECTURE.md."""

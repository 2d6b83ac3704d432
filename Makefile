# Each target first installs what this machine still lacks; packaging/bootstrap.sh says how.
.PHONY: run test test-all lint docs bench

run test test-all lint docs bench:
	@sh packaging/bootstrap.sh $@

package toolchain

// goTools has Go. Older versions than 1.21 are not in the module proxy.
//
// Its caches are worth a lot: the build cache beside the modules makes a first test run ten times faster.
var goTools = []Definition{{
	Name: "go", Label: "Go", Sample: "go version",
	Path:   []string{"{root}/bin", "{home}/go/bin"},
	Caches: []string{".cache/go-build", "go/pkg/mod"},
	Releases: []Release{
		goRelease("1.27.4", map[string]sum{
			AMD64: "h1:8Tl0rBb7KdISSdPkZBjlpZxsUBb+004GI/SM2XbmSqI=",
			ARM64: "h1:vCmfNA8b+T0RfElhx3mNdgu1UrIuyzZCgTrRiUWLnOI=",
		}),
		goRelease("1.27.3", map[string]sum{
			AMD64: "h1:r0ub+FnqzZxoWm/dSUOI9DcIqYWn/mNYGFJcv7PyBzs=",
			ARM64: "h1:VY4gDzfxOrsM17J2qtgZgiAIsWhp7XWK1jMfE3kXV0s=",
		}),
		goRelease("1.26.11", map[string]sum{
			AMD64: "h1:KyINmJ/FQdKRmDYGuTAAXkumyeR2DyUlSNHZj7XaLFg=",
			ARM64: "h1:GFS9FmglLJxMwOSuun3qb8tBjpr8ibzOkt8tBrRLrnk=",
		}),
		goRelease("1.26.10", map[string]sum{
			AMD64: "h1:5VAGHlY8yl8pTPVSNIez3SNMy6fWabs+QMR25f3oMT0=",
			ARM64: "h1:TuAzKmE5TqYnXpnhgY3GtBJCVg4AfNDA/K1gLyX5Hig=",
		}),
		goRelease("1.26.8", map[string]sum{
			AMD64: "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=",
			ARM64: "h1:sYL/O6MqS68ML0kjsQ36WoYIpJqkw60TxizWUYUKQMc=",
		}),
		goRelease("1.26.4", map[string]sum{
			AMD64: "h1:wAoHYF9gHXZdyCyZT4yuWhbjdIC/Iv5dpQsE+H3FgGU=",
			ARM64: "h1:jN5t8dCFiH2UQGMwT5Vm2S11spA4Aaed7jd/eaS9ouk=",
		}),
		goRelease("1.25.14", map[string]sum{
			AMD64: "h1:XriDgll2yv4W2YeUo2X/WuUuy+iGJkXGH0CQloMBEXo=",
			ARM64: "h1:tccCYNAEolyjUyQVNxD/wJuly2Sx85m+OUkzGIhO1oY=",
		}),
		goRelease("1.25.11", map[string]sum{
			AMD64: "h1:AUChz5pzC7L9cEGXaGD6Z0N5m2H2JDiTZywfitOXskU=",
		}),
		goRelease("1.25.4", map[string]sum{
			AMD64: "h1:5e4fxJf48MqaBmsurT33X8lENq6kLpby4xLNGF0tmEw=",
			ARM64: "h1:+dQ0OTT7ZJts1pLKCvRSGOfw5tcBo7PoAsmTf1k6ttc=",
		}),
		goRelease("1.24.13", map[string]sum{
			AMD64: "h1:5sgfUhn9QCgVl4UYj32GrIYFHI3bi2UX55tNfupXwxc=",
		}),
		goRelease("1.24.4", map[string]sum{
			AMD64: "h1:nm4Il5pypT+vEB1UPY4e+r1p/0HoRr/2jjj+dwb8KhA=",
		}),
		goRelease("1.23.12", map[string]sum{
			AMD64: "h1:CQZ55qhuGAYcgv4npnr3DsfZP3i8URMjkpv7TYHRIH4=",
		}),
		goRelease("1.22.12", map[string]sum{
			AMD64: "h1:Hdh4VJAlDWzMnhKpqDwqJJr+sE7NgsJ86dyR4wrv2oY=",
		}),
		goRelease("1.21.13", map[string]sum{
			AMD64: "h1:THKeCuuOK6mnQhbTbvvH9CKU3D4lwUERQax+yRXCVJk=",
		}),
	},
}}

// goRelease has the checksums that were read from the checksum database when the table was made.
func goRelease(version string, sums map[string]sum) Release {
	return Release{Version: version, Source: goModule{sums: sums}, Max: 200 << 20}
}

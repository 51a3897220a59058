using System.IO.Compression;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>A log verified through its tiles alone: against a good source, a source that lies anywhere, and hostile HTTP servers.</summary>
public sealed class TileLogTests : IAsyncLifetime
{
    private const int Entries = 66_300;
    private static readonly NoteVerifier[] Keys = [TestLog.Signer.Verifier];
    private readonly TempFolder _folder = new();
    private LedgerReader _reader = null!;
    private byte[] _earlier = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static VerificationRequest Trusted => new() { Keys = Keys };

    // Large enough for three levels of tiles.
    public async ValueTask InitializeAsync()
    {
        await using (var log = TestLog.Open(_folder.Path))
        {
            await log.AppendAsync([.. Enumerable.Range(0, 700).Select(i => (ReadOnlyMemory<byte>)TestLog.Entry(i))], Token);
            _earlier = log.PublishCheckpoint().ToBytes();
            foreach (var chunk in Enumerable.Range(700, Entries - 700).Chunk(8192))
            {
                await log.AppendAsync([.. chunk.Select(i => (ReadOnlyMemory<byte>)TestLog.Entry(i))], Token);
            }
        }

        _reader = LedgerReader.Open(_folder.Path);
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_sound_log_verifies_and_gives_entries_and_receipts_that_hold()
    {
        var source = new Source(_reader);
        var receipt = _reader.Receipt(65_600)!;
        var request = Trusted with { SavedCheckpoints = [_earlier], Receipts = [(receipt.ToBytes(), TestLog.Entry(65_600))], Entries = [0, Entries - 1], Sample = 5 };
        var quick = await TileVerifier.VerifyAsync(source, request, Token);
        Assert.Empty(quick.Findings);
        Assert.Equal((Entries, 7), (quick.Checkpoint!.Size, quick.EntriesRead));
        Assert.True(source.Asked.Distinct().Count() < 60, $"{source.Asked.Count} resources");
        var whole = await TileVerifier.FsckAsync(source, Trusted, Token);
        Assert.Empty(whole.Findings);
        Assert.Equal(Entries, whole.EntriesRead);

        var log = await TileLog.OpenAsync(source, TestLog.Origin, Keys, Token);
        foreach (var index in new long[] { 0, 255, 256, 65_535, 65_536, Entries - 1 })
        {
            Assert.Equal(TestLog.Entry(index), await log.ReadAsync(index, Token));
            Assert.Equal(_reader.Receipt(index)!.ToString(), (await log.ReceiptAsync(index, Token)).ToString());
        }

        Assert.Equal(LedgerFault.LengthWrong, Assert.Single((await TileVerifier.VerifyAsync(source, Trusted with { Entries = [Entries] }, Token)).Findings).Fault);
    }

    [Theory]
    [InlineData("tile/entries/003", 40)]
    [InlineData("tile/entries/258.p/252", 1)]
    [InlineData("tile/0/000", 0)]
    [InlineData("tile/0/255", 8191)]
    [InlineData("tile/0/258.p/252", 77)]
    [InlineData("tile/1/000", 500)]
    [InlineData("tile/1/001.p/2", 63)]
    [InlineData("tile/2/000.p/1", 3)]
    [InlineData("checkpoint", 30)]
    public async Task A_changed_byte_is_found_in_its_resource(string path, int at)
    {
        var source = new Source(_reader) { Change = (p, bytes) => p == path ? Flipped(bytes, at) : bytes };
        var findings = (await TileVerifier.FsckAsync(source, Trusted, Token)).Findings;
        Assert.NotEmpty(findings);
        var edge = findings[0].File == "tile";
        Assert.True(edge || findings.Any(f => f.File == path || (path.StartsWith("tile/0", StringComparison.Ordinal) && f.Message.Contains(path, StringComparison.Ordinal))), findings[0].ToString());
    }

    [Fact]
    public async Task What_is_missing_truncated_rolled_back_or_rewritten_is_found()
    {
        async Task<LedgerFinding> FirstAsync(ITileSource source, VerificationRequest? request = null) =>
            (await TileVerifier.FsckAsync(source, request ?? Trusted, Token)).Findings[0];

        Assert.Equal("tile/entries/007", (await FirstAsync(new Source(_reader) { Change = (p, b) => p == "tile/entries/007" ? null : b })).File);
        Assert.Equal((LedgerFault.LengthWrong, 7L * 256 + 255), ((await FirstAsync(new Source(_reader) { Change = (p, b) => p == "tile/entries/007" ? b[..^1] : b })) switch { var f => (f.Fault, f.EntryIndex) }));
        Assert.Equal(LedgerFault.FileMissing, (await FirstAsync(new Source(_reader) { Change = (_, _) => null })).Fault);
        Assert.Equal(LedgerFault.LengthWrong, (await FirstAsync(new Source(_reader) { Change = (p, b) => p == "tile/1/001.p/2" ? b[..33] : b })).Fault);

        // An older state of the same log is sound by itself; a checkpoint saved later finds it.
        using var older = new TempFolder();
        await TestLog.CreateAsync(older.Path, 300);
        using var reader = LedgerReader.Open(older.Path);
        var finding = Assert.Single((await TileVerifier.VerifyAsync(new Source(reader), Trusted with { SavedCheckpoints = [_earlier] }, Token)).Findings);
        Assert.Contains("rolled back", finding.Message, StringComparison.Ordinal);
        await TestLog.CreateAsync(older.Path, 900, padding: 1);
        using var grown = LedgerReader.Open(older.Path);
        finding = Assert.Single((await TileVerifier.VerifyAsync(new Source(grown), Trusted with { SavedCheckpoints = [_earlier] }, Token)).Findings);
        Assert.Contains("rewritten", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_that_answers_anything_gives_findings_or_a_typed_refusal_and_never_a_false_entry()
    {
        var random = new System.Random(5);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), noise =>
        {
            var source = new Source(_reader)
            {
                Change = (p, b) => random.Next(4) switch { 0 => noise, 1 => null, 2 => Flipped(b, random.Next(b.Length)), _ => b },
            };
            try
            {
                var log = TileLog.OpenAsync(source, TestLog.Origin, Keys, Token).GetAwaiter().GetResult();
                return log.ReadAsync(300, Token).GetAwaiter().GetResult().AsSpan().SequenceEqual(TestLog.Entry(300));
            }
            catch (LedgerDamagedException)
            {
                return true;
            }
        }));
    }

    [Fact]
    public async Task Http_answers_are_bounded_in_size_and_time_and_unpacked_within_bounds()
    {
        static ITileSource Http(HttpStatusCode status, Stream? body, string? encoding = null) =>
            new HttpTileSource(new HttpClient(new Server(status, body, encoding)), new Uri("http://log/prefix"), TimeSpan.FromMilliseconds(body is null ? 50 : 5000));

        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 64; i++)
            {
                gzip.Write(new byte[1 << 20]);
            }
        }

        var packed = bomb.ToArray();
        Assert.Null(await Http(HttpStatusCode.NotFound, new MemoryStream()).GetAsync("checkpoint", Token));
        Assert.Null(await Http(HttpStatusCode.Gone, new MemoryStream()).GetAsync("checkpoint", Token));
        foreach (var hostile in new Func<ITileSource>[]
        {
            () => Http(HttpStatusCode.InternalServerError, new MemoryStream()),
            () => Http(HttpStatusCode.Found, new MemoryStream()),
            () => Http(HttpStatusCode.OK, new MemoryStream(new byte[SignedNote.MaximumLength + 1])),
            () => Http(HttpStatusCode.OK, new MemoryStream(packed), "gzip"),
            () => Http(HttpStatusCode.OK, new MemoryStream([1, 2, 3]), "gzip"),
            () => Http(HttpStatusCode.OK, new MemoryStream([1, 2, 3]), "br"),
            () => Http(HttpStatusCode.OK, null),
        })
        {
            await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await hostile().GetAsync("checkpoint", Token));
        }

        await Assert.ThrowsAsync<LedgerUnavailableException>(async () => await Http(HttpStatusCode.OK, new MemoryStream(packed), "gzip").GetAsync("tile/entries/000", Token));
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var changed = (byte[])[.. bytes];
        changed[at] ^= 1;
        return changed;
    }

    private sealed class Source(LedgerReader reader) : ITileSource
    {
        private readonly TileView _view = new(reader);

        public Func<string, byte[], byte[]?> Change { get; init; } = (_, bytes) => bytes;

        public List<string> Asked { get; } = [];

        public ValueTask<byte[]?> GetAsync(string path, CancellationToken cancellationToken)
        {
            Asked.Add(path);
            return ValueTask.FromResult(_view.Get(path) is { } bytes ? Change(path, bytes) : null);
        }
    }

    private sealed class Server(HttpStatusCode status, Stream? body, string? encoding) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (body is null)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var content = new StreamContent(body!);
            if (encoding is not null)
            {
                content.Headers.ContentEncoding.Add(encoding);
            }

            return new HttpResponseMessage(status) { Content = content };
        }
    }
}

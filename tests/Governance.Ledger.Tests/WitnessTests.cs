using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Governance.Testing;

namespace Governance.Ledger.Tests;

/// <summary>The witness's rules (C2SP tlog-witness), its state through crashes, the client against good and hostile servers, and the policy.</summary>
public sealed class WitnessTests
{
    private const string Name = "witness.test/w1";
    private static readonly MerkleHash[] Leaves = [.. Enumerable.Range(0, 40).Select(i => MerkleTree.LeafHash([(byte)i]))];
    private static readonly MerkleHash[] Forked = [.. Leaves.Select((l, i) => i == 5 ? MerkleTree.LeafHash([99]) : l)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void It_cosigns_growth_and_refuses_everything_else()
    {
        using var world = new World();
        var witness = world.Open();
        Assert.Equal(404, witness.AddCheckpoint(Request(0, 3, origin: "example.test/other")).Status);
        using var stranger = EcdsaNoteSigner.Create(TestLog.Origin);
        Assert.Equal(403, witness.AddCheckpoint(Request(0, 3, signer: stranger)).Status);
        Assert.Equal(400, witness.AddCheckpoint(Request(4, 3)).Status);
        Assert.Equal(400, witness.AddCheckpoint("old 0\n\nnothing\n"u8).Status);
        Assert.Equal(422, witness.AddCheckpoint(new AddCheckpointRequest(0, [Leaves[0]], Signed(3)).ToBytes()).Status);
        Cosigned(witness, Request(0, 3), 3);
        Stale(witness, Request(0, 7), 3);
        Stale(witness, Request(2, 7), 3);
        Cosigned(witness, Request(3, 7), 7);
        Cosigned(witness, Request(7, 7), 7);

        // Roll back, fork at a larger size with the best proof there is, fork at the same size.
        Stale(witness, Request(3, 6), 7);
        Assert.Equal(400, witness.AddCheckpoint(Request(7, 6)).Status);
        Assert.Equal(422, witness.AddCheckpoint(Request(7, 20, Forked)).Status);
        Assert.Equal(422, witness.AddCheckpoint(new AddCheckpointRequest(7, [], Signed(20)).ToBytes()).Status);
        var fork = witness.AddCheckpoint(Request(7, 7, Forked));
        Assert.Equal(409, fork.Status);
        Assert.NotEqual("text/x.tlog.size", fork.ContentType);
        Assert.Contains("forked", fork.Remark, StringComparison.Ordinal);
        var kept = Assert.Single(Directory.GetFiles(world.Folder, "*.conflict"));
        Assert.True(Checkpoint.TryVerify(File.ReadAllBytes(kept), TestLog.Origin, [TestLog.Signer.Verifier], out var evidence, out _));
        Assert.Equal(Tree(Forked, 7).Root(), evidence.Root);

        // After all of that the true log goes on, also in another process.
        world.Reopen();
        Cosigned(world.Open(), Request(7, 20), 20);
    }

    [Fact]
    public void Its_state_survives_a_fault_at_every_file_operation_and_never_goes_back()
    {
        NoteSignerTests.NeedEd25519();
        foreach (var fault in Enum.GetValues<DiskFault>())
        {
            var calm = Run(new SimulatedDisk(1), out _);
            Assert.True(calm > 10);
            for (var at = 0; at < calm; at++)
            {
                var disk = new SimulatedDisk(at, at, fault);
                Run(disk, out var promised);
                var found = fault == DiskFault.PowerLoss ? disk.AfterPowerLoss() : disk.AfterProcessDeath();
                using var witness = Witness.Open("/witness", Options(found));
                var latest = witness.LatestOf(TestLog.Origin) is { } note ? Checkpoint.Parse(note.Text)!.Size : 0;
                Assert.True(latest >= promised, $"{fault} at {at} ({disk.Failed}): cosigned {promised}, remembers {latest}");
                if (promised > 0)
                {
                    Assert.NotEqual(200, witness.AddCheckpoint(Request(latest, 30, Forked)).Status);
                }

                Cosigned(witness, Request(latest, 30), 30);
            }
        }

        static int Run(SimulatedDisk disk, out long promised)
        {
            promised = 0;
            try
            {
                using var witness = Witness.Open("/witness", Options(disk));
                foreach (var (old, size) in new[] { (0, 8), (8, 9), (9, 21) })
                {
                    var answer = witness.AddCheckpoint(Request(old, size));
                    promised = answer.Status == 200 ? size : promised;
                }
            }
            catch (LedgerUnavailableException)
            {
                // What the fault is meant to cause.
            }

            return disk.Operations;
        }
    }

    [Fact]
    public void A_state_it_did_not_write_is_refused_at_every_byte()
    {
        using var world = new World();
        Cosigned(world.Open(), Request(0, 5), 5);
        world.Reopen();
        var path = Assert.Single(Directory.GetFiles(world.Folder, "*.checkpoint"));
        var bytes = File.ReadAllBytes(path);
        for (var at = 0; at < bytes.Length; at++)
        {
            bytes[at] ^= 1;
            File.WriteAllBytes(path, bytes);
            bytes[at] ^= 1;
            try
            {
                // A changed name or key id makes a signature one of an unknown key; the other signature still authenticates the text.
                var size = Checkpoint.Parse(world.Open().LatestOf(TestLog.Origin)!.Text)!.Size;
                Assert.Equal(5, size);
                world.Reopen();
            }
            catch (LedgerDamagedException)
            {
                world.Reopen();
            }
        }
    }

    [Fact]
    public void One_process_is_the_witness()
    {
        using var world = new World();
        world.Open();
        Assert.Throws<LedgerLockedException>(() => Witness.Open(world.Folder, Options(PhysicalFiles.Instance)));
    }

    [Fact]
    public void Request_bodies_are_read_back_and_hostile_ones_never_throw()
    {
        var bytes = Request(3, 20);
        Assert.True(AddCheckpointRequest.TryParse(bytes, out var request, out _));
        Assert.Equal(bytes, request.ToBytes());
        Assert.False(AddCheckpointRequest.TryParse(new AddCheckpointRequest(1, Enumerable.Repeat(Leaves[0], 64).ToList(), Signed(9)).ToBytes(), out _, out _));
        using var world = new World();
        var witness = world.Open();
        Cosigned(witness, Request(0, 3), 3);
        var edits = from at in Gen.Choose(0, bytes.Length - 1) from value in Gen.Choose(0, 255) select (at, (byte)value);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(edits.NonEmptyListOf().ToArbitrary(), list =>
        {
            var changed = (byte[])[.. bytes];
            foreach (var (at, value) in list.Take(5))
            {
                changed[at] = value;
            }

            var answer = witness.AddCheckpoint(changed);
            return answer.Status != 200 || Checkpoint.Parse(witness.LatestOf(TestLog.Origin)!.Text)!.Root == Tree(Leaves, 20).Root();
        }));
    }

    [Fact]
    public async Task A_log_is_witnessed_and_serves_what_the_policy_demands()
    {
        using var folder = new TempFolder();
        using var first = new World("witness.test/w1");
        using var second = new World("witness.test/w2");
        var down = false;
        using var http = new HttpClient(new Served(request => request.RequestUri!.Host switch
        {
            "w1" => first.Open().AddCheckpoint(Body(request)),
            "w2" when !down => second.Open().AddCheckpoint(Body(request)),
            _ => null,
        }));
        var policy = WitnessPolicy.Parse($"""
            # two of two
            log {TestLog.Signer.Verifier}
            witness one {first.Key.Verifier} http://w1/
            witness two {second.Key.Verifier} http://w2/prefix
            group both 2 one two
            quorum both
            """);
        var said = new List<string>();
        await using var log = TestLog.Open(folder.Path);
        await using (var witnessing = new CheckpointWitnessing(log, folder.Path, http, new WitnessingOptions { Policy = policy, Refused = (w, r) => said.Add($"{w.Name}: {r.Reason}") }))
        {
            await log.AppendAsync(5);
            Assert.True(await witnessing.RunOnceAsync(Token));
            await log.AppendAsync(5);
            down = true;
            Assert.False(await witnessing.RunOnceAsync(Token));
            Assert.StartsWith("two: ", Assert.Single(said), StringComparison.Ordinal);
        }

        // The last one that satisfies the policy is served; receipts it covers carry the cosignatures, later ones the newest checkpoint.
        Assert.True(policy.IsSatisfiedBy(log.Reader.Receipt(4)!.Checkpoint, out var by));
        Assert.Equal(["one", "two"], by);
        Assert.False(policy.IsSatisfiedBy(log.Reader.Receipt(7)!.Checkpoint, out _));
        Assert.True(SignedNote.TryParse(new TileView(log.Reader).Get("checkpoint"), out var served, out _));
        Assert.True(policy.IsSatisfiedBy(served, out _));
        Assert.Contains("\n5\n", served.Text, StringComparison.Ordinal);

        // A folder verifies under the policy; a copy without the cosigned checkpoint, or with one cosignature changed, does not.
        var request = new VerificationRequest { Keys = [TestLog.Signer.Verifier], Policy = policy };
        var receipt = log.Reader.Receipt(4)!.ToBytes();
        var latest = log.Reader.Receipt(7)!.ToBytes();
        Assert.Empty(LedgerVerifier.Verify(folder.Path, request with { Receipts = [(receipt, TestLog.Entry(4))] }, Token).Findings);
        Assert.Equal(
            LedgerFault.NotWitnessed, Assert.Single(LedgerVerifier.Verify(folder.Path, request with { Receipts = [(latest, TestLog.Entry(7))] }, Token).Findings).Fault);
        var witnessed = await File.ReadAllBytesAsync(folder.File("witnessed"), Token);
        for (var at = 0; at < witnessed.Length; at++)
        {
            witnessed[at] ^= 1;
            await File.WriteAllBytesAsync(folder.File("witnessed"), witnessed, Token);
            witnessed[at] ^= 1;
            Assert.Contains(LedgerVerifier.Verify(folder.Path, request, Token).Findings, f => f.File == "witnessed");
        }

        File.Delete(folder.File("witnessed"));
        Assert.Equal(LedgerFault.NotWitnessed, Assert.Single(LedgerVerifier.Verify(folder.Path, request, Token).Findings).Fault);
    }

    [Fact]
    public async Task A_log_rolled_back_to_an_older_copy_is_found_by_its_witness_and_by_a_cosigned_checkpoint()
    {
        using var folder = new TempFolder();
        using var older = new TempFolder();
        using var world = new World();
        using var http = new HttpClient(new Served(request => world.Open().AddCheckpoint(Body(request))));
        var policy = WitnessPolicy.Parse($"witness w {world.Key.Verifier} http://w/\nquorum w\n");
        await TestLog.CreateAsync(folder.Path, 5);
        TestLog.Copy(folder.Path, older.Path);
        await using (var log = TestLog.Open(folder.Path))
        {
            await log.AppendAsync(5);
            await using var witnessing = new CheckpointWitnessing(log, folder.Path, http, new WitnessingOptions { Policy = policy });
            Assert.True(await witnessing.RunOnceAsync(Token));
        }

        var said = new List<WitnessReply>();
        await using (var log = TestLog.Open(older.Path))
        {
            await using var witnessing = new CheckpointWitnessing(log, older.Path, http, new WitnessingOptions { Policy = policy, Refused = (_, r) => said.Add(r) });
            Assert.False(await witnessing.RunOnceAsync(Token));
            Assert.Contains("rolled back", Assert.Single(said).Reason, StringComparison.Ordinal);

            // It goes on with another history: the witness never cosigns it.
            await log.AppendAsync(20, padding: 3);
            Assert.False(await witnessing.RunOnceAsync(Token));
            Assert.Equal(WitnessStatus.Refused, said[^1].Status);
        }

        var cosigned = await File.ReadAllBytesAsync(folder.File("witnessed"), Token);
        var request = new VerificationRequest { Keys = [TestLog.Signer.Verifier], SavedCheckpoints = [cosigned] };
        Assert.Equal(LedgerFault.Inconsistent, Assert.Single(LedgerVerifier.Verify(older.Path, request, Token).Findings).Fault);
    }

    [Fact]
    public async Task A_hostile_witness_is_only_ever_a_reply()
    {
        using var world = new World();
        var request = new AddCheckpointRequest(0, [], Signed(3));
        (HttpStatusCode, string, byte[])[] answers =
        [
            (HttpStatusCode.OK, "text/plain", []),
            (HttpStatusCode.OK, "text/plain", "— w AAAAAAAA\n"u8.ToArray()),
            (HttpStatusCode.OK, "text/plain", new byte[10 << 20]),
            (HttpStatusCode.OK, "text/plain", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("\n\n— w AAAAAAAA\n", 1000)))),
            (HttpStatusCode.Conflict, "text/x.tlog.size", "-1\n"u8.ToArray()),
            (HttpStatusCode.Conflict, "text/x.tlog.size", "99999999999999999999\n"u8.ToArray()),
            (HttpStatusCode.Conflict, "text/x.tlog.size", "0\n"u8.ToArray()),
            (HttpStatusCode.Conflict, "text/x.tlog.size", "5"u8.ToArray()),
            (HttpStatusCode.Redirect, "text/plain", []),
            (HttpStatusCode.InternalServerError, "text/html", "<html>"u8.ToArray()),
        ];
        foreach (var (status, type, body) in answers)
        {
            using var http = new HttpClient(new Raw(status, type, body));
            var reply = await new WitnessClient(http, new Uri("http://w/"), [world.Key.Verifier], TimeSpan.FromSeconds(5)).AddCheckpointAsync(request, Token);
            Assert.Equal(WitnessStatus.Refused, reply.Status);
            Assert.Empty(reply.Cosignatures);
        }

        using var never = new HttpClient(new Raw(HttpStatusCode.OK, "text/plain", null));
        var late = await new WitnessClient(never, new Uri("http://w/"), [world.Key.Verifier], TimeSpan.FromMilliseconds(50)).AddCheckpointAsync(request, Token);
        Assert.Equal(WitnessStatus.Unreachable, late.Status);
    }

    [Theory]
    [InlineData("quorum none", true)]
    [InlineData("", false)]
    [InlineData("quorum a", false)]
    [InlineData("witness a KEY\nquorum a", true)]
    [InlineData("  # comment\n\n\twitness a KEY  http://w/\ngroup g 1 a\nquorum g", true)]
    [InlineData("witness none KEY\nquorum none", false)]
    [InlineData("witness a KEY\nwitness b KEY\nquorum a", false)]
    [InlineData("witness a KEY\ngroup g 2 a\nquorum g", false)]
    [InlineData("witness a KEY\ngroup g 0 a\nquorum g", false)]
    [InlineData("witness a KEY\ngroup g any a a\nquorum g", false)]
    [InlineData("witness a KEY\ngroup g any a\ngroup h any a\nquorum h", false)]
    [InlineData("witness a KEY ftp://w/\nquorum a", false)]
    [InlineData("witness a LOGKEY\nquorum a", false)]
    [InlineData("group g all g\nquorum g", false)]
    [InlineData("quorum none\nquorum none", false)]
    [InlineData("quorum none\r\n", false)]
    [InlineData("frobnicate", false)]
    public void Policies_are_read_strictly(string text, bool good)
    {
        var key = NoteVerifier.Create("w", NoteKeyType.Ed25519Cosignature, new byte[32]).ToString();
        text = text.Replace("LOGKEY", TestLog.Signer.Verifier.ToString(), StringComparison.Ordinal).Replace("KEY", key, StringComparison.Ordinal);
        if (good)
        {
            Assert.NotNull(WitnessPolicy.Parse(text));
        }
        else
        {
            Assert.Throws<FormatException>(() => WitnessPolicy.Parse(text));
        }
    }

    [Fact]
    public void Quorums_count_as_the_specifications_example_does()
    {
        NoteSignerTests.NeedEd25519();
        var keys = Enumerable.Range(0, 6).Select(i => Ed25519NoteSigner.CreateCosigner("w" + i)).ToList();
        var lines = keys.Select((k, i) => $"witness {"XXXYYY"[i]}{i % 3 + 1} {k.Verifier}\n");
        var policy = WitnessPolicy.Parse(string.Concat(lines) + "group X 2 X1 X2 X3\ngroup Y any Y1 Y2 Y3\ngroup both all X Y\nquorum both\n");
        var checkpoint = new Checkpoint(TestLog.Origin, 5, MerkleTree.EmptyRoot);
        for (var chosen = 0; chosen < 64; chosen++)
        {
            var note = checkpoint.Sign(TestLog.Signer);
            note = note with
            {
                Signatures =
                [
                    .. note.Signatures,
                    .. keys.Where((_, i) => (chosen >> i & 1) == 1).Select(k => new NoteSignature(k.Verifier.Name, k.Verifier.KeyId, k.Cosign(checkpoint, DateTimeOffset.UnixEpoch.AddYears(50)))),
                ],
            };
            var expected = System.Numerics.BitOperations.PopCount((uint)chosen & 7) >= 2 && (chosen & 56) != 0;
            Assert.Equal(expected, policy.IsSatisfiedBy(note, out var by));
            Assert.Equal(System.Numerics.BitOperations.PopCount((uint)chosen), by.Count);
        }

        keys.ForEach(k => k.Dispose());
    }

    private static MerkleFrontier Tree(MerkleHash[] leaves, int size)
    {
        var tree = new MerkleFrontier();
        leaves.Take(size).ToList().ForEach(tree.Append);
        return tree;
    }

    private static SignedNote Signed(int size, MerkleHash[]? leaves = null, string origin = TestLog.Origin, EcdsaNoteSigner? signer = null) =>
        new Checkpoint(origin, size, Tree(leaves ?? Leaves, size).Root()).Sign(signer ?? TestLog.Signer);

    private static byte[] Request(long old, int size, MerkleHash[]? leaves = null, string origin = TestLog.Origin, EcdsaNoteSigner? signer = null)
    {
        var reference = new List<MerkleHash>((leaves ?? Leaves).Take(size));
        var proof = old <= size ? MerkleTree.ConsistencyProof(old, size, (level, index) =>
        {
            var subtree = new MerkleFrontier();
            reference.Skip((int)(index << level)).Take(1 << level).ToList().ForEach(subtree.Append);
            return subtree.Root();
        }) : [];
        return new AddCheckpointRequest(old, proof, Signed(size, leaves, origin, signer)).ToBytes();
    }

    private static void Cosigned(Witness witness, byte[] request, long size)
    {
        var answer = witness.AddCheckpoint(request);
        Assert.True(answer.Status == 200, $"{answer.Status} {Encoding.UTF8.GetString(answer.Body)}");
        Assert.True(AddCheckpointRequest.TryParse(request, out var parsed, out _));
        byte[] note = [.. Encoding.UTF8.GetBytes(parsed.Checkpoint.Text + "\n"), .. answer.Body];
        Assert.True(SignedNote.TryParse(note, out var cosigned, out _));
        Assert.Single(cosigned.Signatures);
        Assert.Equal(size, Checkpoint.Parse(witness.LatestOf(TestLog.Origin)!.Text)!.Size);
    }

    private static void Stale(Witness witness, byte[] request, long size)
    {
        var answer = witness.AddCheckpoint(request);
        Assert.Equal((409, "text/x.tlog.size", $"{size}\n"), (answer.Status, answer.ContentType, Encoding.ASCII.GetString(answer.Body)));
    }

    private static readonly Lazy<Ed25519NoteSigner> SimulatedKey = new(() => Ed25519NoteSigner.CreateCosigner(Name));

    private static WitnessOptions Options(IFileLayer files, ICosigner? key = null) =>
        new() { Cosigners = [key ?? SimulatedKey.Value], Logs = [TestLog.Signer.Verifier], Files = files };

    private static byte[] Body(HttpRequestMessage request) => request.Content!.ReadAsByteArrayAsync(Token).GetAwaiter().GetResult();

    /// <summary>A witness with its folder and key.</summary>
    private sealed class World : IDisposable
    {
        private readonly TempFolder _folder = new();
        private Witness? _witness;

        public World(string name = Name)
        {
            NoteSignerTests.NeedEd25519();
            Key = Ed25519NoteSigner.CreateCosigner(name);
        }

        public Ed25519NoteSigner Key { get; }

        public string Folder => _folder.Path;

        public Witness Open() => _witness ??= Witness.Open(Folder, Options(PhysicalFiles.Instance, Key));

        public void Reopen()
        {
            _witness?.Dispose();
            _witness = null;
        }

        public void Dispose()
        {
            Reopen();
            Key.Dispose();
            _folder.Dispose();
        }
    }

    private sealed class Served(Func<HttpRequestMessage, WitnessAnswer?> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.EndsWith("/add-checkpoint", request.RequestUri!.AbsolutePath, StringComparison.Ordinal);
            var given = answer(request) ?? throw new HttpRequestException("refused");
            var content = new ByteArrayContent(given.Body);
            content.Headers.TryAddWithoutValidation("Content-Type", given.ContentType);
            return Task.FromResult(new HttpResponseMessage((HttpStatusCode)given.Status) { Content = content });
        }
    }

    private sealed class Raw(HttpStatusCode status, string type, byte[]? body) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (body is null)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            var content = new StreamContent(new MemoryStream(body!));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return new HttpResponseMessage(status) { Content = content };
        }
    }
}

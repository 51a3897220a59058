using System.Text;
using Google.Protobuf;
using Governance.Models.Onnx;
using Governance.Models.Onnx.Format;
using Governance.Testing;

namespace Governance.Models.Tests.Onnx;

public sealed class OnnxScannerTests
{
    [Fact]
    public void Scan_ValidModel_PassesWithFactsAndSignature()
    {
        var scan = TestModel.Scan(TestModel.Valid());

        Assert.True(scan.Passed);
        Assert.Empty(scan.Findings);
        Assert.Equal(new OnnxOperatorUse("ai.onnx.ml", "LinearClassifier", 1), Assert.Single(scan.Model!.Facts.Operators));
        Assert.Equal(new OnnxSignature("features", 2, false, "probabilities", ProbabilityLayout.TwoColumns), scan.Model.Signature.Signature);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("this is not a model")]
    [InlineData("PK\u0003\u0004 zip")]
    [InlineData("{\"ir_version\": 8}")]
    public void Scan_NotOnnx_IsOneFormatFinding(string text) =>
        Assert.Equal(OnnxRule.Format, Assert.Single(OnnxScanner.Scan(Encoding.Latin1.GetBytes(text), OnnxLimits.Default).Findings).Rule);

    [Fact]
    public void Scan_ProtobufThatIsNoModel_IsOneFormatFinding() =>
        Assert.Equal(OnnxRule.Format, Assert.Single(TestModel.Scan(m => m.Graph = null).Findings).Rule);

    [Fact]
    public void Scan_TruncatedAnywhere_NeverPassesNorThrows()
    {
        var whole = TestModel.Valid().ToByteArray();
        for (var length = 0; length < whole.Length; length++)
        {
            // Cut between two whole fields the rest is again a well-formed message: then a rule or ONNX Runtime has to judge it.
            var scan = OnnxScanner.Scan(whole.AsMemory(0, length), OnnxLimits.Default);
            Assert.True(scan.Findings.Count > 0 || scan.Model!.Content.Length == length);
        }

        Assert.NotEmpty(OnnxScanner.Scan(whole.AsMemory(0, whole.Length / 2), OnnxLimits.Default).Findings);
    }

    [Theory]
    [InlineData("../secret.bin", true)]
    [InlineData("sub/../../secret.bin", true)]
    [InlineData("..\\secret.bin", true)]
    [InlineData("/etc/passwd", true)]
    [InlineData("C:\\weights.bin", true)]
    [InlineData("file:///etc/passwd", true)]
    [InlineData("weights.bin", false)]
    public void Scan_ExternalData_IsRefusedAndEscapesAreNamed(string location, bool leaves)
    {
        var tensor = TestModel.Tensor("w", 2);
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });

        var finding = Assert.Single(TestModel.Scan(m => m.Graph.Initializer.Add(tensor)).Findings);

        Assert.Equal(OnnxRule.ExternalData, finding.Rule);
        Assert.Contains(location, finding.Message, StringComparison.Ordinal);
        Assert.Equal(leaves, finding.Message.Contains("leaves the model's folder", StringComparison.Ordinal));
    }

    [Fact]
    public void Scan_ExternalDataAnywhere_IsFound()
    {
        static TensorProto External() => new()
        {
            Name = "hidden", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = "../x" } },
        };
        var hiding = new Action<ModelProto>[]
        {
            m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "value", T = External() }),
            m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "value", Tensors = { External() } }),
            m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "value", SparseTensor = new SparseTensorProto { Values = External() } }),
            m => m.Graph.SparseInitializer.Add(new SparseTensorProto { Indices = External() }),
            m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "then_branch", G = new GraphProto { Initializer = { External() } } }),
            m => m.Functions.Add(new FunctionProto { Node = { new NodeProto { Attribute = { new AttributeProto { T = External() } } } } }),
        };

        Assert.All(hiding, hide => Assert.Contains(TestModel.Scan(hide).Findings, f => f.Rule == OnnxRule.ExternalData));
    }

    [Theory]
    [InlineData("com.microsoft", "Gelu")]
    [InlineData("evil.corp", "RunShell")]
    [InlineData("", "Loop")]
    [InlineData("", "RandomNormal")]
    [InlineData("ai.onnx.ml", "NoSuchOperator")]
    public void Scan_OperatorOutsideTheSet_IsRefusedByName(string domain, string type)
    {
        var finding = Assert.Single(TestModel.Scan(m => m.Graph.Node.Add(new NodeProto { Domain = domain, OpType = type })).Findings);

        Assert.Equal(OnnxRule.Operator, finding.Rule);
        Assert.Contains(type, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scan_SeveralFaults_ReportsThemAll()
    {
        var scan = TestModel.Scan(m =>
        {
            m.Graph.Node.Add(new NodeProto { Domain = "evil", OpType = "A" });
            m.Graph.Initializer.Add(TestModel.Tensor("w", -1));
            m.Functions.Add(new FunctionProto());
            m.TrainingInfo.Add(new TrainingInfoProto());
            m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = TestModel.Named("F");
        });

        Assert.Equal(3, scan.Findings.Count(f => f.Rule == OnnxRule.Operator));
        Assert.Equal(2, scan.Findings.Count(f => f.Rule == OnnxRule.Shape));
    }

    [Fact]
    public void Scan_Shapes_AreBounded()
    {
        var spoils = new Action<ModelProto>[]
        {
            m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = TestModel.Named("F"),
            m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = TestModel.Size(10_001),
            m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1] = TestModel.Size(-5),
            m => m.Graph.Output[1].Type.TensorType.Shape.Dim.Add(TestModel.Size(long.MaxValue)),
            m => m.Graph.Initializer.Add(TestModel.Tensor("w", 1L << 40)),
            m => m.Graph.Initializer.Add(TestModel.Tensor("w", long.MaxValue, long.MaxValue)),
            m => m.Graph.Initializer.Add(TestModel.Tensor("w", 3)),
            m => m.Graph.SparseInitializer.Add(new SparseTensorProto { Dims = { 1L << 50 } }),
        };

        Assert.All(spoils, spoil => Assert.Contains(TestModel.Scan(spoil).Findings, f => f.Rule == OnnxRule.Shape));
    }

    [Fact]
    public void Scan_GraphSizes_AreBounded()
    {
        var tight = OnnxLimits.Default with { Nodes = 3, Tensors = 1, MetadataEntries = 1 };
        var scan = TestModel.Scan(
            m =>
            {
                m.Graph.Node.Add(Enumerable.Repeat(new NodeProto { OpType = "Identity" }, 3));
                m.Graph.Initializer.Add([TestModel.Tensor("a", 0), TestModel.Tensor("b", 0)]);
                m.MetadataProps.Add(new StringStringEntryProto { Key = "k" });
            },
            tight);

        Assert.Equal([OnnxRule.GraphSize, OnnxRule.GraphSize, OnnxRule.Text], scan.Findings.Select(f => f.Rule));
    }

    [Fact]
    public void Scan_NestedSubgraphs_AreBoundedByDepth()
    {
        Assert.Contains(TestModel.Scan(m => m.Graph.Node.Add(TestModel.Nested(5).Node)).Findings, f => f.Rule == OnnxRule.GraphSize);
        Assert.Equal(OnnxRule.Complexity, Assert.Single(TestModel.Scan(m => m.Graph.Node.Add(TestModel.Nested(30).Node)).Findings).Rule);
    }

    [Fact]
    public void Scan_MessagesNestedVeryDeep_DoNotExhaustTheStack()
    {
        // Field 7 of a model is the graph, 1 a node, 5 an attribute, 6 its graph: built inside out, as bytes.
        var body = new List<byte>();
        for (var i = 0; i < 20_000; i++)
        {
            var length = body.Count;
            var header = new List<byte> { (byte)(((i % 3) switch { 0 => 6, 1 => 5, _ => 1 } << 3) | 2) };
            for (; length >= 0x80; length >>= 7)
            {
                header.Add((byte)(length | 0x80));
            }

            header.Add((byte)length);
            body.InsertRange(0, header);
        }

        Assert.NotEmpty(OnnxScanner.Scan(body.ToArray(), OnnxLimits.Default).Findings);
    }

    [Fact]
    public void Scan_BombOfEmptyNodes_IsRefusedBeforeDecoding()
    {
        var graph = new byte[2_000_000];
        for (var i = 0; i < graph.Length; i += 2)
        {
            graph[i] = (1 << 3) | 2;
        }

        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(7, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(graph));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var scan = OnnxScanner.Scan(stream.ToArray(), OnnxLimits.Default with { FileItems = 100_000 });

        Assert.Equal(OnnxRule.Complexity, Assert.Single(scan.Findings).Rule);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000);
    }

    [Fact]
    public void Scan_LongText_IsRefused() =>
        Assert.Equal(OnnxRule.Text, Assert.Single(TestModel.Scan(m => m.DocString = new string('x', 70_000)).Findings).Rule);

    [Fact]
    public void Scan_TextOfTheFile_IsMadePrintableInMessages()
    {
        var finding = Assert.Single(TestModel.Scan(m => m.Graph.Node.Add(new NodeProto { Domain = "a\u001b[2J\u202e\n" + new string('x', 500), OpType = "B" })).Findings);

        Assert.DoesNotContain(finding.Message, c => char.IsControl(c) || c == '\u202e');
        Assert.True(finding.Message.Length < 200);
    }

    [Fact]
    public async Task ScanFile_TwoGigabytes_IsRefusedWithoutReading()
    {
        using var folder = new TempFolder();
        var path = folder.File("huge.onnx");
        await using (var file = File.Create(path))
        {
            file.SetLength(2L << 30);
        }

        var before = GC.GetTotalAllocatedBytes();
        var scan = await OnnxScanner.ScanFileAsync(path, OnnxLimits.Default, TestContext.Current.CancellationToken);

        Assert.Equal(OnnxRule.FileSize, Assert.Single(scan.Findings).Rule);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 64 << 20);
    }
}

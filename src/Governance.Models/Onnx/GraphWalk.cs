using Governance.Models.Onnx.Format;

namespace Governance.Models.Onnx;

/// <summary>Every node, tensor and graph of a model, subgraphs, functions and training graphs included, each once.</summary>
internal sealed class GraphWalk
{
    private readonly Stack<(GraphProto Graph, int Depth)> pending = new();

    private GraphWalk()
    {
    }

    public List<NodeProto> Nodes { get; } = [];

    public List<TensorProto> Tensors { get; } = [];

    public List<SparseTensorProto> SparseTensors { get; } = [];

    public List<GraphProto> Graphs { get; } = [];

    public int Depth { get; private set; }

    public static GraphWalk Of(ModelProto model)
    {
        var walk = new GraphWalk();
        walk.Enqueue(model.Graph, 0);
        foreach (var training in model.TrainingInfo)
        {
            walk.Enqueue(training.Initialization, 0);
            walk.Enqueue(training.Algorithm, 0);
        }

        walk.AddNodes(model.Functions.SelectMany(f => f.Node), 0);
        while (walk.pending.TryPop(out var next))
        {
            walk.Visit(next.Graph, next.Depth);
        }

        return walk;
    }

    private void Enqueue(GraphProto? graph, int depth)
    {
        if (graph is not null)
        {
            pending.Push((graph, depth));
        }
    }

    private void Visit(GraphProto graph, int depth)
    {
        Graphs.Add(graph);
        Depth = Math.Max(Depth, depth);
        Tensors.AddRange(graph.Initializer);
        foreach (var sparse in graph.SparseInitializer)
        {
            AddSparse(sparse);
        }

        AddNodes(graph.Node, depth);
    }

    private void AddNodes(IEnumerable<NodeProto> nodes, int depth)
    {
        foreach (var node in nodes)
        {
            Nodes.Add(node);
            foreach (var attribute in node.Attribute)
            {
                AddAttribute(attribute, depth);
            }
        }
    }

    private void AddAttribute(AttributeProto attribute, int depth)
    {
        if (attribute.T is not null)
        {
            Tensors.Add(attribute.T);
        }

        Tensors.AddRange(attribute.Tensors);
        AddSparse(attribute.SparseTensor);
        foreach (var sparse in attribute.SparseTensors)
        {
            AddSparse(sparse);
        }

        Enqueue(attribute.G, depth + 1);
        foreach (var graph in attribute.Graphs)
        {
            Enqueue(graph, depth + 1);
        }
    }

    private void AddSparse(SparseTensorProto? sparse)
    {
        if (sparse is null)
        {
            return;
        }

        SparseTensors.Add(sparse);
        Tensors.AddRange(new[] { sparse.Values, sparse.Indices }.OfType<TensorProto>());
    }
}
